// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What Glenside needs from MLIR and the C API of LLVM 22 does not offer.
//
// This header is C; the files beside it implement it in C++17, and they are the
// only C++ of the project. When a later C API grows one of these (LLVM 23 has
// interfaces, dynamic types and trait queries), its part here goes away.
//
//   driver        gln_opt_main, gln_lsp_main
//   passes        gln_pass: a pass as a C table with options
//   diagnostics   errors, warnings, remarks with notes, printf style
//   remarks       optimisation remarks: --remarks-filter, YAML
//   effects       whether an op is pure
//   constants     checked access to dense and dense_resource data
//   linalg        softmax, pack, unpack, Winograd taken apart
//
// A whole pass in C, as one writes it in passes/name-of-the-flag.c:
//
//   static bool run(MlirOperation module, gln_pass_context *pass) {
//     int64_t size = gln_pass_int(pass, "size");
//     if (size <= 0)
//       return gln_error(mlirOperationGetLocation(module),
//                        "size %" PRId64 " is not positive", size);
//     ...
//     return true;
//   }
//   static const gln_option options[] = {
//       {"size", "Edge of the tile, in elements", GLN_OPTION_INT, "16"},
//       {0}};
//   const gln_pass gln_pass_cut_tiles = {
//       .flag = "cut-tiles", .summary = "Cuts contractions into tiles",
//       .anchor = "builtin.module", .options = options,
//       .dialects = (const char *const[]){"arith", "tensor", NULL},
//       .run = run};
//
// and declares in passes/passes.h, lists in passes/passes.c. Then
// `--cut-tiles`,
// `--pass-pipeline='builtin.module(cut-tiles{size=4})'`, `--help`, reproducers
// and the transform dialect's apply_registered_pass all know it.
//
// Strings in tables are borrowed for the life of the process. Nothing here
// aborts on a user's mistake.
#ifndef GLENSIDE_CXX_H
#define GLENSIDE_CXX_H

#include "mlir-c/Diagnostics.h"
#include "mlir-c/IR.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GLN_PRINTF(text, first) __attribute__((format(printf, text, first)))

//===-- Passes ------------------------------------------------------------===//

// How an option is written: --flag='name=value', lists as {name=a,b,c}.
typedef enum gln_option_kind {
  GLN_OPTION_BOOL,     // true or false
  GLN_OPTION_INT,      // a decimal int64_t
  GLN_OPTION_REAL,     // a double
  GLN_OPTION_STRING,   // text; quote it if it has spaces
  GLN_OPTION_INT_LIST, // comma separated
  GLN_OPTION_STRING_LIST,
} gln_option_kind;

// One option of a pass. A table of them ends with a zero entry.
typedef struct gln_option {
  const char *name; // what precedes '='
  const char *help; // one line for --help
  gln_option_kind kind;
  const char *value; // the default, as a user would write it; NULL = false, 0,
                     // the empty string or list
} gln_option;

// One run of a pass: gives access to its options. Dead when |run| returns.
typedef struct gln_pass_context gln_pass_context;

// A pass. The table must have static storage: its address is its identity.
typedef struct gln_pass {
  const char *flag;        // --flag, and the name in a pipeline
  const char *summary;     // one line for --help
  const char *description; // Markdown for docs/passes.md; may be NULL
  const char *anchor; // op it runs on, e.g. "builtin.module"; NULL = any op
  const gln_option *options; // ends with a zero entry; may be NULL
  // Namespaces of ops it may create, ends with NULL; may be NULL. Known are
  // our own ("access") and affine arith bufferization cf func linalg llvm math
  // memref ml_program scf tensor tosa.
  const char *const *dialects;
  // The pass may turn the LLVM dialect into machine code.
  bool compiles;
  // Changes |op| and what is below it. Returns false, having emitted an error,
  // on failure. May run on several ops at once if |anchor| is not the module.
  bool (*run)(MlirOperation op, gln_pass_context *pass);
} gln_pass;

// The value of an option. A name that the table lacks, or another kind than
// the table says, is a bug in the pass: an error is emitted, the pass fails
// after |run|, and 0, false, "" or -1 is returned. Strings are terminated and
// live as long as |pass|.
bool gln_pass_bool(gln_pass_context *pass, const char *name);
int64_t gln_pass_int(gln_pass_context *pass, const char *name);
double gln_pass_real(gln_pass_context *pass, const char *name);
const char *gln_pass_string(gln_pass_context *pass, const char *name);
// Lists: the number of elements, and one of them (0 <= index < count).
size_t gln_pass_list_size(gln_pass_context *pass, const char *name);
int64_t gln_pass_list_int(gln_pass_context *pass, const char *name,
                          size_t index);
const char *gln_pass_list_string(gln_pass_context *pass, const char *name,
                                 size_t index);

// Runs a pipeline given as text, e.g. "canonicalize,cse", on |op|, which must
// be what the pass runs on or lie below it. Emits an error and returns false on
// a pipeline that does not parse or that fails. Its dialects must be loaded.
bool gln_pass_run_pipeline(gln_pass_context *pass, MlirOperation op,
                           const char *pipeline);

// Makes the passes known to MLIR, process wide. |passes| ends with NULL.
void gln_passes_register(const gln_pass *const *passes);

//===-- Driver ------------------------------------------------------------===//

// A flag that makes the tool print something and exit instead of reading IR,
// e.g. --glenside-print-irdl=access. A table of them ends with a zero entry.
typedef struct gln_mode {
  const char *flag; // without dashes
  const char *help; // one line for --help
  // Prints to |out| (a FILE); |value| is what follows '='. Returns false,
  // having said why on standard error, if |value| is not usable.
  bool (*run)(const char *value, void *out);
} gln_mode;

// What a tool is made of.
typedef struct gln_tool {
  const char *title;             // first line of --help
  const gln_pass *const *passes; // ends with NULL
  const gln_mode *modes;         // ends with a zero entry; may be NULL
} gln_tool;

// main() of an mlir-opt with every upstream dialect, pass and extension, the
// dialects of dialect/, and |tool|'s own passes. Returns the exit code.
int gln_opt_main(int argc, char **argv, const gln_tool *tool);

// main() of a language server for the same dialects. Returns the exit code.
int gln_lsp_main(int argc, char **argv);

//===-- Effects -----------------------------------------------------------===//

// Whether |op| has neither effects nor undefined behaviour, so that it may run
// at any time, or never.
bool gln_op_is_pure(MlirOperation op);

//===-- Diagnostics -------------------------------------------------------===//

// Text attached below a diagnostic, at a place of its own.
typedef struct gln_note {
  MlirLocation location;
  const char *text;
} gln_note;

// Emits one diagnostic. MlirDiagnosticNote is no severity of its own.
void gln_diagnose(MlirLocation location, MlirDiagnosticSeverity severity,
                  const char *text, const gln_note *notes, size_t num_notes);

// printf to an error at |location|. Returns false: `return gln_error(...)`.
bool gln_error(MlirLocation location, const char *format, ...) GLN_PRINTF(2, 3);
// The same at |op|, prefixed by its name: "'access.pair' op ...".
bool gln_op_error(MlirOperation op, const char *format, ...) GLN_PRINTF(2, 3);
bool gln_op_error_va(MlirOperation op, const char *format, va_list args);
void gln_warning(MlirLocation location, const char *format, ...)
    GLN_PRINTF(2, 3);
// A diagnostic of severity remark, always shown. For what a user asks for by
// --remarks-filter see gln_remark below.
void gln_info(MlirLocation location, const char *format, ...) GLN_PRINTF(2, 3);

//===-- Optimisation remarks ----------------------------------------------===//

// What came of something tried.
typedef enum gln_remark_kind {
  GLN_REMARK_PASSED,   // done
  GLN_REMARK_MISSED,   // not done, and why
  GLN_REMARK_FAILED,   // tried and undone
  GLN_REMARK_ANALYSIS, // a fact, e.g. a count
} gln_remark_kind;

// Key and value. Copied at the call. The key "Reason" is what readers look for.
typedef struct gln_remark_arg {
  const char *key;
  const char *text; // NULL: |number| is the value
  int64_t number;
} gln_remark_arg;

// Emits a remark if the user asked for its category; else costs one test.
// |category| is "glenside-<topic>", e.g. "glenside-match"; |name| a CamelCase
// identifier, e.g. "NoInstruction". The enclosing function symbol of |op| is
// added by itself.
void gln_remark(MlirOperation op, gln_remark_kind kind, const char *category,
                const char *name, const gln_remark_arg *args, size_t num_args);

// True if some remark could be shown at all: guards costly texts.
bool gln_remarks_enabled(MlirContext context);

//===-- Structured ops ----------------------------------------------------===//

// Ops of linalg that neither loops nor our own conversion need to know, since
// others say the same. Bits.
enum {
  GLN_DECOMPOSE_SOFTMAX = 1,  // to max, exp, sum, division
  GLN_DECOMPOSE_PACK = 2,     // pack and unpack: to pad, reshape, transpose
  GLN_DECOMPOSE_WINOGRAD = 4, // the transforms: to loops of matmuls
};

// Takes the ops of |kinds| below |root| apart, by upstream's patterns. Emits an
// error at the first that they refuse (a pack of dynamic shape) and returns false.
bool gln_decompose_linalg(MlirOperation root, unsigned kinds);

//===-- Constant data -----------------------------------------------------===//

// Why data can or cannot be read.
typedef enum gln_data_status {
  GLN_DATA_OK,
  GLN_DATA_ELIDED,       // dense_resource<__elided__>
  GLN_DATA_MISSING,      // a resource key without a blob in the file
  GLN_DATA_WRONG_LENGTH, // the blob is not as long as the type says
  GLN_DATA_UNSUPPORTED,  // no dense data: another attribute, a string element
} gln_data_status;

// Elements in row-major order, little endian, each in |element_bytes|.
typedef struct gln_data {
  const void *bytes;    // borrowed from the context; may be unaligned; NULL if
                        // there are none or the status is not OK
  size_t num_bytes;     // found; for WRONG_LENGTH the blob's length
  size_t want_bytes;    // elements of the type * element_bytes (one if splat)
  size_t element_bytes; // 1 for i1 and other widths up to 8
  bool is_splat;        // one element stands for all
  bool is_packed;       // i1 of a dense<> that is no splat: bits, eight to a
                        // byte, the first one lowest
  const char *key;      // of a resource, terminated; else NULL
} gln_data;

// Reads a dense<> or dense_resource<> attribute without the ways to crash that
// the C API has. |out_data| is filled as far as known whatever the status.
gln_data_status gln_data_get(MlirAttribute attribute, gln_data *out_data);

// Frees the bytes of a resource, which has the wrong length from then on, for all
// that name it in this context. Nothing for other attributes.
void gln_data_drop(MlirAttribute attribute);

// "is elided", "is missing", ...: completes a sentence that names the data.
const char *gln_data_status_text(gln_data_status status);

#ifdef __cplusplus
}
#endif
#endif
