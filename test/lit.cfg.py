# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# lit: every *.mlir and *.test below test/ with a RUN line.
#
# Commands are found by PATH: first our build, then LLVM 22's own tools, so a
# test writes `mlir-opt` and gets the one that fits. Features for REQUIRES:
#   release  no sanitizers: the plugin can be loaded by stock tools
#   models   the model files are there; %models is their folder
import os
import sys

import lit.formats

config.name = "glenside"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "workloads"]
config.test_source_root = os.path.join(config.glenside_source, "test")
config.test_exec_root = os.path.join(config.glenside_build, "test", "lit")

config.environment["PATH"] = os.pathsep.join(
    [config.glenside_bin, config.llvm_tools, os.environ.get("PATH", "")])
# gcc's run time reports leaks by default; keep its reports short and exact.
config.environment["ASAN_OPTIONS"] = os.environ.get(
    "ASAN_OPTIONS", "detect_stack_use_after_return=1:symbolize=0")

config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%{bin}", config.glenside_bin))
config.substitutions.append(("%source", config.glenside_source))
for name, library in ("%plugin", "libglenside.so"), (
        "%testplugin", "libglenside-test.so"), ("%libsa_a", "libsa.a"), (
        "%libsa", "libsa.so"):
    config.substitutions.append((
        name, os.path.join(config.glenside_lib, library)))

# What mlir-runner's programs print with.
config.substitutions.append(("%runner_libs", ",".join(
    os.path.join(config.llvm_tools, os.pardir, "lib", name) for name in
    ("libmlir_runner_utils.so", "libmlir_c_runner_utils.so"))))

if not config.glenside_sanitize:
    config.available_features.add("release")

models = os.environ.get("GLENSIDE_MODELS", os.path.join(
    config.glenside_source, os.pardir, "shared", "models"))
if os.path.isdir(models):
    config.available_features.add("models")
    config.substitutions.append(("%models", os.path.realpath(models)))
