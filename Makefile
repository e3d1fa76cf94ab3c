# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The commands a person types. CMake does the building; this file only names
# the paths through it.
.DEFAULT_GOAL := help
.PHONY: help setup check core bench demo ops format clean
MAKEFLAGS += --no-print-directory

help:
	@echo "make check              install what is missing, build dev and release, run every test"
	@echo "make core               build and test egraph/ and lib/ with nothing but a C compiler"
	@echo "make bench SUITE=name   print one table of numbers (suites: $$(scripts/bench --list))"
	@echo "make demo               MobileNet-v2 at 224 x 224: compiled, run on the simulator, compared"
	@echo "make ops                every named contraction, convolution and pooling: found, correct"
	@echo "make format             clang-format over the tree"
	@echo "make setup              only install what is missing"

setup:
	@scripts/setup

check: setup
	cmake --preset dev
	cmake --build --preset dev
	ctest --preset dev
	cmake --preset release
	cmake --build --preset release
	ctest --preset release

core:
	cmake --preset core
	cmake --build --preset core
	ctest --preset core

bench: setup
	@scripts/bench $(SUITE)

demo: setup
	@scripts/demo

ops: setup
	@mkdir -p build && cmake --preset release >build/ops.log && cmake --build --preset release >>build/ops.log
	@PATH="$(CURDIR)/build/release/bin:$$PATH" \
	  python3 test/passes/Inputs/structured_ops.py build/ops --check

format:
	@command -v clang-format-22 >/dev/null || { echo "format: needs clang-format-22, from Debian"; exit 1; }
	git ls-files '*.c' '*.h' '*.cpp' | xargs clang-format-22 -i

clean:
	rm -rf build
