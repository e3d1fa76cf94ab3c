// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One C++ pass class for all C passes: the table says what it is.
//
// MLIR reads a pass' options through C++ objects registered with their parent,
// so each entry of the option table becomes one such object, in order.
#include "internal.h"

#include "dialect/host.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

using namespace mlir;

namespace {

class CPass;

// One option: a name for lookup and the typed object behind it.
struct OptionSlot {
  virtual ~OptionSlot() = default;
  const gln_option *spec = nullptr;
};

class CPass final : public Pass {
public:
  explicit CPass(const gln_pass *pass)
      : Pass(TypeID::getFromOpaquePointer(pass), anchorOf(pass)), table(pass) {
    for (const gln_option *o = table->options; o && o->name; ++o)
      slots.push_back(makeSlot(o));
  }
  CPass(const CPass &other) : CPass(other.table) {}

  StringRef getName() const override {
    return table->flag;
  }
  StringRef getArgument() const override {
    return table->flag;
  }
  StringRef getDescription() const override {
    return table->summary;
  }

  void getDependentDialects(DialectRegistry &registry) const override {
    for (const char *const *name = table->dialects; name && *name; ++name)
      gln::insertDialect(registry, *name);
    if (table->compiles) {
      registerBuiltinDialectTranslation(registry);
      registerLLVMDialectTranslation(registry);
    }
  }

  void runOnOperation() override;

  // The slot of an option, or null after saying that the pass has a bug.
  template <typename Slot> Slot *find(const char *name, gln_option_kind kind);

  LogicalResult pipeline(OpPassManager &manager, Operation *op) {
    return runPipeline(manager, op);
  }

  const gln_option *specOf(StringRef name) const {
    for (auto &slot : slots)
      if (name == slot->spec->name)
        return slot->spec;
    return nullptr;
  }

  bool misused = false;

private:
  static std::optional<StringRef> anchorOf(const gln_pass *pass) {
    if (!pass->anchor)
      return std::nullopt;
    return StringRef(pass->anchor);
  }
  bool canScheduleOn(RegisteredOperationName name) const override {
    return !table->anchor || name.getStringRef() == table->anchor;
  }
  std::unique_ptr<Pass> clonePass() const override {
    return std::make_unique<CPass>(*this);
  }
  std::unique_ptr<OptionSlot> makeSlot(const gln_option *spec);

  const gln_pass *table;
  std::vector<std::unique_ptr<OptionSlot>> slots;

public:
  template <typename T> struct Single : OptionSlot {
    Single(CPass &pass, const gln_option *o, T init)
        : value(pass, o->name, llvm::cl::desc(o->help), llvm::cl::init(init)) {}
    Option<T> value;
  };
  template <typename T> struct List : OptionSlot {
    List(CPass &pass, const gln_option *o, const std::vector<T> &init)
        : value(pass, o->name, llvm::cl::desc(o->help),
                llvm::cl::list_init(ArrayRef<T>(init))) {}
    ListOption<T> value;
  };
};

int64_t asInt(StringRef text) {
  int64_t value = 0;
  (void)text.getAsInteger(10, value);
  return value;
}

double asReal(StringRef text) {
  double value = 0;
  (void)text.getAsDouble(value);
  return value;
}

SmallVector<StringRef> asList(StringRef text) {
  SmallVector<StringRef> parts;
  text.split(parts, ',', -1, /*KeepEmpty=*/false);
  return parts;
}

std::unique_ptr<OptionSlot> CPass::makeSlot(const gln_option *o) {
  StringRef value = o->value ? o->value : "";
  std::unique_ptr<OptionSlot> slot;
  switch (o->kind) {
  case GLN_OPTION_BOOL:
    slot = std::make_unique<Single<bool>>(*this, o, value == "true");
    break;
  case GLN_OPTION_INT:
    slot = std::make_unique<Single<int64_t>>(*this, o, asInt(value));
    break;
  case GLN_OPTION_REAL:
    slot = std::make_unique<Single<double>>(*this, o, asReal(value));
    break;
  case GLN_OPTION_STRING:
    slot = std::make_unique<Single<std::string>>(*this, o, value.str());
    break;
  case GLN_OPTION_INT_LIST: {
    std::vector<int64_t> init;
    for (StringRef part : asList(value))
      init.push_back(asInt(part));
    slot = std::make_unique<List<int64_t>>(*this, o, init);
    break;
  }
  case GLN_OPTION_STRING_LIST: {
    std::vector<std::string> init;
    for (StringRef part : asList(value))
      init.push_back(part.str());
    slot = std::make_unique<List<std::string>>(*this, o, init);
    break;
  }
  }
  slot->spec = o;
  return slot;
}

template <typename Slot>
Slot *CPass::find(const char *name, gln_option_kind kind) {
  for (auto &slot : slots)
    if (slot->spec->kind == kind && StringRef(name) == slot->spec->name)
      return static_cast<Slot *>(slot.get());
  getOperation()->emitError()
      << "pass '" << table->flag << "' asks for option '" << name
      << "' as a kind that its table does not declare";
  misused = true;
  return nullptr;
}

} // namespace

struct gln_pass_context {
  CPass *pass;
};

void CPass::runOnOperation() {
  gln_pass_context context{this};
  misused = false;
  if (!table->run(wrap(getOperation()), &context) || misused)
    signalPassFailure();
}

//===-- Options -----------------------------------------------------------===//

bool gln_pass_bool(gln_pass_context *pass, const char *name) {
  auto *slot = pass->pass->find<CPass::Single<bool>>(name, GLN_OPTION_BOOL);
  return slot && slot->value.getValue();
}

int64_t gln_pass_int(gln_pass_context *pass, const char *name) {
  auto *slot = pass->pass->find<CPass::Single<int64_t>>(name, GLN_OPTION_INT);
  return slot ? slot->value.getValue() : 0;
}

double gln_pass_real(gln_pass_context *pass, const char *name) {
  auto *slot = pass->pass->find<CPass::Single<double>>(name, GLN_OPTION_REAL);
  return slot ? slot->value.getValue() : 0;
}

const char *gln_pass_string(gln_pass_context *pass, const char *name) {
  auto *slot =
      pass->pass->find<CPass::Single<std::string>>(name, GLN_OPTION_STRING);
  return slot ? slot->value.getValue().c_str() : "";
}

size_t gln_pass_list_size(gln_pass_context *pass, const char *name) {
  const gln_option *spec = pass->pass->specOf(name);
  if (spec && spec->kind == GLN_OPTION_INT_LIST)
    return (*pass->pass->find<CPass::List<int64_t>>(name, spec->kind)->value)
        .size();
  auto *slot =
      pass->pass->find<CPass::List<std::string>>(name, GLN_OPTION_STRING_LIST);
  return slot ? (*slot->value).size() : 0;
}

int64_t gln_pass_list_int(gln_pass_context *pass, const char *name,
                          size_t index) {
  auto *slot =
      pass->pass->find<CPass::List<int64_t>>(name, GLN_OPTION_INT_LIST);
  return slot && index < (*slot->value).size() ? (*slot->value)[index] : -1;
}

const char *gln_pass_list_string(gln_pass_context *pass, const char *name,
                                 size_t index) {
  auto *slot =
      pass->pass->find<CPass::List<std::string>>(name, GLN_OPTION_STRING_LIST);
  return slot && index < (*slot->value).size() ? (*slot->value)[index].c_str()
                                               : "";
}

bool gln_pass_run_pipeline(gln_pass_context *pass, MlirOperation op,
                           const char *pipeline) {
  Operation *root = unwrap(op);
  OpPassManager manager(root->getName().getStringRef());
  std::string why;
  llvm::raw_string_ostream stream(why);
  if (failed(parsePassPipeline(pipeline, manager, stream)))
    return gln_error(wrap(root->getLoc()), "pipeline '%s': %s", pipeline,
                     why.c_str());
  return succeeded(pass->pass->pipeline(manager, root));
}

//===-- Registration ------------------------------------------------------===//

void gln_passes_register(const gln_pass *const *passes) {
  for (; *passes; ++passes)
    registerPass([pass = *passes]() -> std::unique_ptr<Pass> {
      return std::make_unique<CPass>(pass);
    });
}

namespace {
struct DialectEntry {
  const char *name;
  void (*insert)(DialectRegistry &registry);
};
template <typename D> void insertOne(DialectRegistry &registry) {
  registry.insert<D>();
}
// The namespaces that a C pass may name. One line per dialect and its header
// above: the registry offers no lookup by name that would carry the type id.
const DialectEntry dialects[] = {
    {"affine", insertOne<affine::AffineDialect>},
    {"arith", insertOne<arith::ArithDialect>},
    {"bufferization", insertOne<bufferization::BufferizationDialect>},
    {"cf", insertOne<cf::ControlFlowDialect>},
    {"func", insertOne<func::FuncDialect>},
    {"linalg", insertOne<linalg::LinalgDialect>},
    {"llvm", insertOne<LLVM::LLVMDialect>},
    {"math", insertOne<math::MathDialect>},
    {"memref", insertOne<memref::MemRefDialect>},
    {"ml_program", insertOne<ml_program::MLProgramDialect>},
    {"scf", insertOne<scf::SCFDialect>},
    {"tensor", insertOne<tensor::TensorDialect>},
    {"tosa", insertOne<tosa::TosaDialect>},
};
} // namespace

void gln::insertDialect(DialectRegistry &registry, StringRef name) {
  if (const gln_dialect_def *own = gln_dialect_find(name.str().c_str()))
    gln_dialect_insert(wrap(&registry), own);
  for (const DialectEntry &entry : dialects)
    if (name == entry.name)
      entry.insert(registry);
}
