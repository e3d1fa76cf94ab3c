// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Dynamic dialects from C tables (dialect/op.h).
//
// Types are MLIR's own DynamicTypeDefinition. Ops are not its
// DynamicOpDefinition but a class of ours beside it: that of LLVM 22 says that
// no two ops have equal properties, so CSE never merges them, and ends the
// process when asked for an inherent attribute (fixed in LLVM 23). Ours has no
// properties either, and says so.
#include "internal.h"

#include "dialect/host.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/ExtensibleDialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

//===-- Parser and printer ------------------------------------------------===//

struct gln_parser {
  OpAsmParser &parser;
  OperationState &state;
  SmallVector<OpAsmParser::UnresolvedOperand, 4> operands;
  SMLoc start;
};

struct gln_printer {
  OpAsmPrinter &printer;
};

MlirContext gln_parser_context(gln_parser *p) {
  return wrap(p->parser.getContext());
}

bool gln_parse_error(gln_parser *p, const char *message) {
  p->parser.emitError(p->parser.getCurrentLocation()) << message;
  return false;
}

bool gln_parse_keyword(gln_parser *p, MlirStringRef *out) {
  std::string text;
  if (p->parser.parseKeywordOrString(&text))
    return false;
  *out = wrap(StringAttr::get(p->parser.getContext(), text).getValue());
  return true;
}

bool gln_parse_symbol(gln_parser *p, MlirStringRef *out) {
  StringAttr name;
  if (p->parser.parseSymbolName(name))
    return false;
  *out = wrap(name.getValue());
  return true;
}

bool gln_parse_operands(gln_parser *p, size_t *out_num) {
  p->start = p->parser.getCurrentLocation();
  if (p->parser.parseOperandList(p->operands))
    return false;
  *out_num = p->operands.size();
  return true;
}

bool gln_parse_attributes(gln_parser *p) {
  NamedAttrList dictionary;
  SMLoc at = p->parser.getCurrentLocation();
  if (p->parser.parseOptionalAttrDict(dictionary))
    return false;
  for (NamedAttribute entry : dictionary) {
    if (p->state.attributes.get(entry.getName())) {
      p->parser.emitError(at)
          << "attribute '" << entry.getName().getValue() << "' is given twice";
      return false;
    }
    p->state.attributes.append(entry);
  }
  return true;
}

bool gln_parse_colon(gln_parser *p) {
  return succeeded(p->parser.parseColon());
}

bool gln_parse_arrow(gln_parser *p) {
  return succeeded(p->parser.parseArrow());
}

bool gln_parse_comma_if_any(gln_parser *p) {
  return succeeded(p->parser.parseOptionalComma());
}

bool gln_parse_type(gln_parser *p, MlirType *out) {
  Type type;
  if (p->parser.parseType(type))
    return false;
  *out = wrap(type);
  return true;
}

bool gln_parse_resolve(gln_parser *p, const MlirType *types, size_t num) {
  SmallVector<Type> unwrapped;
  for (size_t i = 0; i < num; ++i)
    unwrapped.push_back(unwrap(types[i]));
  return succeeded(p->parser.resolveOperands(p->operands, unwrapped, p->start,
                                             p->state.operands));
}

void gln_parse_add_result(gln_parser *p, MlirType type) {
  p->state.addTypes(unwrap(type));
}

void gln_parse_set(gln_parser *p, const char *name, MlirAttribute value) {
  p->state.attributes.set(name, unwrap(value));
}

MlirAttribute gln_parse_get(gln_parser *p, const char *name) {
  return wrap(p->state.attributes.get(name));
}

void gln_print_text(gln_printer *p, const char *text) {
  p->printer << text;
}

void gln_print_value(gln_printer *p, MlirValue value) {
  p->printer.printOperand(unwrap(value));
}

void gln_print_type(gln_printer *p, MlirType type) {
  p->printer.printType(unwrap(type));
}

void gln_print_bare(gln_printer *p, MlirStringRef word) {
  p->printer.printKeywordOrString(unwrap(word));
}

void gln_print_symbol(gln_printer *p, MlirStringRef name) {
  p->printer.printSymbolName(unwrap(name));
}

void gln_print_named(gln_printer *p, MlirNamedAttribute attribute,
                     bool elide_type) {
  Attribute value = unwrap(attribute.attribute);
  p->printer.printKeywordOrString(unwrap(attribute.name).getValue());
  if (isa<UnitAttr>(value))
    return;
  p->printer << " = ";
  auto integer = dyn_cast<IntegerAttr>(value);
  if (elide_type && integer && integer.getType().isSignlessInteger(64))
    p->printer.printAttributeWithoutType(value);
  else
    p->printer.printAttribute(value);
}

//===-- Ops ---------------------------------------------------------------===//

namespace {

class TableOp final : public OperationName::Impl {
public:
  TableOp(StringRef fullName, Dialect *owner, const gln_op_def *table)
      : Impl(fullName, owner, TypeID::getFromOpaquePointer(table), {}),
        def(table) {}

  const gln_op_def *def;

  LogicalResult verifyInvariants(Operation *op) override {
    eg_error error = {};
    if (gln_op_verify(def, wrap(op), &error) == EG_OK)
      return success();
    return op->emitOpError() << error.text;
  }
  LogicalResult verifyRegionInvariants(Operation *) override {
    return success();
  }

  OperationName::ParseAssemblyFn getParseAssemblyFn() override {
    return [table = def](OpAsmParser &parser, OperationState &state) {
      gln_parser context{parser, state, {}, parser.getNameLoc()};
      return ParseResult(success(gln_op_parse_syntax(table, &context)));
    };
  }
  void printAssembly(Operation *op, OpAsmPrinter &printer, StringRef) override {
    gln_printer context{printer};
    if (!gln_op_has_syntax(def, wrap(op))) {
      printer.printGenericOp(op);
      return;
    }
    printer << op->getName();
    gln_op_print_syntax(def, wrap(op), &context);
  }

  LogicalResult foldHook(Operation *, ArrayRef<Attribute>,
                         SmallVectorImpl<OpFoldResult> &) override {
    return failure();
  }
  void getCanonicalizationPatterns(RewritePatternSet &,
                                   MLIRContext *) override {}
  bool hasTrait(TypeID) override {
    return false;
  }
  void populateDefaultAttrs(const OperationName &, NamedAttrList &) override {}

  // No properties: every attribute is in the op's dictionary.
  std::optional<Attribute> getInherentAttr(Operation *, StringRef) override {
    return std::nullopt;
  }
  void setInherentAttr(Operation *, StringAttr, Attribute) override {}
  void populateInherentAttrs(Operation *, NamedAttrList &) override {}
  LogicalResult
  verifyInherentAttrs(OperationName, NamedAttrList &,
                      function_ref<InFlightDiagnostic()>) override {
    return success();
  }
  int getOpPropertyByteSize() override {
    return 0;
  }
  void initProperties(OperationName, OpaqueProperties,
                      OpaqueProperties) override {}
  void deleteProperties(OpaqueProperties) override {}
  void populateDefaultProperties(OperationName, OpaqueProperties) override {}
  LogicalResult
  setPropertiesFromAttr(OperationName, OpaqueProperties, Attribute,
                        function_ref<InFlightDiagnostic()> emitError) override {
    return emitError()
           << "this dialect has no properties: write {...}, not <{...}>";
  }
  Attribute getPropertiesAsAttr(Operation *) override {
    return {};
  }
  void copyProperties(OpaqueProperties, OpaqueProperties) override {}
  bool compareProperties(OpaqueProperties, OpaqueProperties) override {
    return true;
  }
  llvm::hash_code hashProperties(OpaqueProperties) override {
    return 0;
  }
};

struct NoEffects : MemoryEffectOpInterface::FallbackModel<NoEffects> {
  void getEffects(Operation *,
                  SmallVectorImpl<MemoryEffects::EffectInstance> &) const {}
};

// Of an op that is not pure: it reads and writes, and neither allocates nor
// frees, which bufferization wants to be told.
struct ReadsAndWrites : MemoryEffectOpInterface::FallbackModel<ReadsAndWrites> {
  void
  getEffects(Operation *,
             SmallVectorImpl<MemoryEffects::EffectInstance> &effects) const {
    effects.emplace_back(MemoryEffects::Read::get());
    effects.emplace_back(MemoryEffects::Write::get());
  }
};

struct AlwaysSpeculatable
    : ConditionallySpeculatable::FallbackModel<AlwaysSpeculatable> {
  Speculation::Speculatability getSpeculatability(Operation *) const {
    return Speculation::Speculatable;
  }
};

const gln_op_def *tableOf(Operation *op) {
  StringRef dialect, name;
  std::tie(dialect, name) = op->getName().getStringRef().split('.');
  const gln_dialect_def *def = gln_dialect_find(dialect.str().c_str());
  for (const gln_op_def *entry = def ? def->ops : nullptr; entry && entry->name;
       ++entry)
    if (name == entry->name)
      return entry;
  return nullptr;
}

struct SymbolUser : SymbolUserOpInterface::FallbackModel<SymbolUser> {
  LogicalResult verifySymbolUses(Operation *op,
                                 SymbolTableCollection &tables) const {
    const gln_op_def *def = tableOf(op);
    auto reference = op->getAttrOfType<FlatSymbolRefAttr>(def->fields[0].name);
    if (!reference)
      return failure();
    Operation *target = tables.lookupNearestSymbolFrom(op, reference);
    if (!target)
      return op->emitOpError()
             << "attribute '" << def->fields[0].name << "' refers to "
             << reference << ", which is no symbol here";
    eg_error error = {};
    if (def->verify_symbol(def, wrap(op), wrap(target), &error) == EG_OK)
      return success();
    InFlightDiagnostic diagnostic = op->emitOpError() << error.text;
    diagnostic.attachNote(target->getLoc()) << "the body is defined here";
    return diagnostic;
  }
};

void addOp(ExtensibleDialect *dialect, const gln_op_def *def) {
  std::string name = (dialect->getNamespace() + "." + def->name).str();
  RegisteredOperationName::insert(std::make_unique<TableOp>(name, dialect, def),
                                  /*attrNames=*/{});
  auto registered =
      *RegisteredOperationName::lookup(name, dialect->getContext());
  if (def->pure)
    registered.attachInterface<NoEffects, AlwaysSpeculatable>();
  else
    registered.attachInterface<ReadsAndWrites>();
  if (def->reads)
    gln::attachReads(registered);
  if (def->verify_symbol)
    registered.attachInterface<SymbolUser>();
}

void addType(ExtensibleDialect *dialect, const gln_type_def *def) {
  auto verify = [def](function_ref<InFlightDiagnostic()> emitError,
                      ArrayRef<Attribute> params) -> LogicalResult {
    SmallVector<MlirAttribute> wrapped;
    for (Attribute param : params)
      wrapped.push_back(wrap(param));
    eg_error error = {};
    if (gln_type_verify(def, wrapped.data(), wrapped.size(), &error) == EG_OK)
      return success();
    return emitError() << error.text;
  };
  dialect->registerDynamicType(
      DynamicTypeDefinition::get(def->name, dialect, std::move(verify)));
}

} // namespace

bool gln_op_is_pure(MlirOperation op) {
  return isPure(unwrap(op));
}

//===-- Dialects and types ------------------------------------------------===//

void gln_dialect_insert(MlirDialectRegistry registry,
                        const gln_dialect_def *def) {
  unwrap(registry)->insertDynamic(
      def->name, [def](MLIRContext *, DynamicDialect *dialect) {
        for (const gln_type_def *type = def->types; type && type->name; ++type)
          addType(dialect, type);
        for (const gln_op_def *op = def->ops; op && op->name; ++op)
          addOp(dialect, op);
      });
}

static DynamicTypeDefinition *findType(MLIRContext *context, StringRef dialect,
                                       StringRef name) {
  auto *owner =
      dyn_cast_or_null<ExtensibleDialect>(context->getLoadedDialect(dialect));
  return owner ? owner->lookupTypeDefinition(name) : nullptr;
}

MlirType gln_dynamic_type_get(MlirContext context, const char *dialect,
                              const char *name, const MlirAttribute *params,
                              size_t num, eg_error *error) {
  DynamicTypeDefinition *def = gln_dialect_find(dialect)
                                   ? findType(unwrap(context), dialect, name)
                                   : nullptr;
  if (!def) {
    (void)gln_fail(error, EG_NOT_FOUND,
                   "dialect '%s' with type '%s' is not loaded", dialect, name);
    return wrap(Type());
  }
  // Verified here, so that the message goes to |error| and not to the user.
  const gln_type_def *table = gln_dialect_find(dialect)->types;
  while (StringRef(table->name) != name)
    ++table;
  if (gln_type_verify(table, params, num, error) != EG_OK)
    return wrap(Type());
  SmallVector<Attribute> unwrapped;
  for (size_t i = 0; i < num; ++i)
    unwrapped.push_back(unwrap(params[i]));
  return wrap(Type(DynamicType::get(def, unwrapped)));
}

bool gln_dynamic_type_is(MlirType type, const char *dialect, const char *name) {
  auto dynamic = dyn_cast<DynamicType>(unwrap(type));
  return dynamic && dynamic.getTypeDef()->getName() == name &&
         dynamic.getDialect().getNamespace() == dialect;
}

MlirAttribute gln_dynamic_type_param(MlirType type, size_t index) {
  return wrap(cast<DynamicType>(unwrap(type)).getParams()[index]);
}
