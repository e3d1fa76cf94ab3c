// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Diagnostics and optimisation remarks.
#include "internal.h"

#include "mlir/CAPI/Diagnostics.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

#include <cstdio>

using namespace mlir;

// vsnprintf of any length.
static std::string format(const char *text, va_list args) {
  va_list again;
  va_copy(again, args);
  int length = vsnprintf(nullptr, 0, text, args);
  std::string out(length > 0 ? length : 0, '\0');
  if (length > 0)
    vsnprintf(out.data(), out.size() + 1, text, again);
  va_end(again);
  return out;
}

#define GLN_FORMAT(out, text)                                                  \
  std::string out;                                                             \
  do {                                                                         \
    va_list args;                                                              \
    va_start(args, text);                                                      \
    out = format(text, args);                                                  \
    va_end(args);                                                              \
  } while (0)

void gln_diagnose(MlirLocation location, MlirDiagnosticSeverity severity,
                  const char *text, const gln_note *notes, size_t num_notes) {
  Location at = unwrap(location);
  DiagnosticSeverity level = DiagnosticSeverity::Error;
  if (severity == MlirDiagnosticWarning)
    level = DiagnosticSeverity::Warning;
  else if (severity != MlirDiagnosticError)
    level = DiagnosticSeverity::Remark;
  InFlightDiagnostic diagnostic =
      at->getContext()->getDiagEngine().emit(at, level);
  diagnostic << text;
  for (size_t i = 0; i < num_notes; ++i)
    diagnostic.attachNote(unwrap(notes[i].location)) << notes[i].text;
}

bool gln_error(MlirLocation location, const char *text, ...) {
  GLN_FORMAT(out, text);
  gln_diagnose(location, MlirDiagnosticError, out.c_str(), nullptr, 0);
  return false;
}

void gln_warning(MlirLocation location, const char *text, ...) {
  GLN_FORMAT(out, text);
  gln_diagnose(location, MlirDiagnosticWarning, out.c_str(), nullptr, 0);
}

void gln_info(MlirLocation location, const char *text, ...) {
  GLN_FORMAT(out, text);
  gln_diagnose(location, MlirDiagnosticRemark, out.c_str(), nullptr, 0);
}

bool gln_op_error_va(MlirOperation op, const char *text, va_list args) {
  unwrap(op)->emitOpError() << format(text, args);
  return false;
}

bool gln_op_error(MlirOperation op, const char *text, ...) {
  GLN_FORMAT(out, text);
  unwrap(op)->emitOpError() << out;
  return false;
}

//===-- Remarks -----------------------------------------------------------===//

bool gln_remarks_enabled(MlirContext context) {
  return unwrap(context)->getRemarkEngine() != nullptr;
}

static remark::detail::InFlightRemark start(Location at, gln_remark_kind kind,
                                            const remark::RemarkOpts &options) {
  switch (kind) {
  case GLN_REMARK_PASSED:
    return remark::passed(at, options);
  case GLN_REMARK_MISSED:
    return remark::missed(at, options);
  case GLN_REMARK_FAILED:
    return remark::failed(at, options);
  case GLN_REMARK_ANALYSIS:
    break;
  }
  return remark::analysis(at, options);
}

void gln_remark(MlirOperation wrapped, gln_remark_kind kind,
                const char *category, const char *name,
                const gln_remark_arg *args, size_t num_args) {
  Operation *op = unwrap(wrapped);
  MLIRContext *context = op->getContext();
  if (!context->getRemarkEngine())
    return;
  // The engine may keep its views of these strings until the context ends, so
  // they are made attributes, which live as long.
  auto keep = [&](StringRef text) {
    return StringAttr::get(context, text).getValue();
  };
  remark::RemarkOpts options =
      remark::RemarkOpts::name(keep(name)).category(keep(category));
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    function = op->getParentOfType<FunctionOpInterface>();
  if (function)
    options = options.function(keep(function.getName()));
  auto remark = start(op->getLoc(), kind, options);
  for (size_t i = 0; i < num_args; ++i) {
    using Arg = remark::detail::Remark::Arg;
    const gln_remark_arg &arg = args[i];
    remark << (arg.text ? Arg(arg.key, StringRef(arg.text))
                        : Arg(arg.key, arg.number));
  }
}
