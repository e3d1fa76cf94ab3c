// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Element types, and one value of such a type.
//
// Integers are signless as in MLIR: an operation, not a type, says how bits are
// read. A value is kept as its bits, so equality of values is equality of
// bits: -0.0 differs from 0.0, and a NaN equals itself.
#ifndef GLN_VIEW_TYPE_H
#define GLN_VIEW_TYPE_H

#include "eg.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GLN_API EG_API

// Writes |status| and the message into |error|, unless that is NULL, and
// returns |status|: `return gln_fail(error, EG_INVALID, "…", …);`.
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
GLN_API eg_status
gln_fail(eg_error *error, eg_status status, const char *format, ...);

//===-- The table ---------------------------------------------------------===//

// X(enumerator, name in text, value bits, bytes in an array, class)
//
// i1 takes one byte (0 or 1) in an array; index is 64 bits wide.
#define GLN_TYPE_TABLE(X)                                                      \
  X(F32, "f32", 32, 4, FLOAT)                                                  \
  X(F64, "f64", 64, 8, FLOAT)                                                  \
  X(BF16, "bf16", 16, 2, FLOAT)                                                \
  X(F16, "f16", 16, 2, FLOAT)                                                  \
  X(I1, "i1", 1, 1, INT)                                                       \
  X(I8, "i8", 8, 1, INT)                                                       \
  X(I16, "i16", 16, 2, INT)                                                    \
  X(I32, "i32", 32, 4, INT)                                                    \
  X(I64, "i64", 64, 8, INT)                                                    \
  X(INDEX, "index", 64, 8, INT)

typedef enum gln_type {
#define GLN_X(id, name, bits, bytes, kind) GLN_TYPE_##id,
  GLN_TYPE_TABLE(GLN_X)
#undef GLN_X
} gln_type;

enum { GLN_NUM_TYPES = GLN_TYPE_INDEX + 1 };

// Whether |type| is an enumerator; every other function here asks for that.
GLN_API bool gln_type_is_valid(int type);
GLN_API const char *gln_type_name(gln_type type); // never NULL
GLN_API unsigned gln_type_bits(gln_type type);    // width of a value
GLN_API unsigned gln_type_bytes(gln_type type);   // size of an array element
GLN_API bool gln_type_is_float(gln_type type);
GLN_API bool gln_type_is_int(gln_type type); // i1 and index included

// The type called |name| (|length| bytes); false when there is none.
GLN_API bool gln_type_parse(const char *name, size_t length, gln_type *out);

// Whether a value of |from| may be accumulated in |to|: the same type, or a
// wider one of the same class (bf16 in f32, i8 in i32). Every value of |from|
// is then a value of |to|.
GLN_API bool gln_type_widens_to(gln_type from, gln_type to);

//===-- One value ---------------------------------------------------------===//

// |bits| holds the value in its low gln_type_bits(type) bits; the rest is 0.
typedef struct gln_scalar {
  gln_type type;
  uint64_t bits;
} gln_scalar;

// |value| rounded to nearest, ties to even, once. To an integer type: rounded
// towards zero and saturated at the signed range; NaN gives 0.
GLN_API gln_scalar gln_scalar_from_double(gln_type type, double value);
// |value| modulo 2^bits; to a float type rounded to nearest even, once.
GLN_API gln_scalar gln_scalar_from_int(gln_type type, int64_t value);
GLN_API gln_scalar gln_scalar_from_uint(gln_type type, uint64_t value);

// The value as a double: exact for floats; integers are read as signed (so an
// i1 is 0 or -1) and rounded to nearest even beyond 2^53.
GLN_API double gln_scalar_to_double(gln_scalar value);
// An integer's bits read as a signed or an unsigned number. Floats are cut
// towards zero and saturated; NaN gives 0.
GLN_API int64_t gln_scalar_to_int(gln_scalar value);
GLN_API uint64_t gln_scalar_to_uint(gln_scalar value);

GLN_API bool gln_scalar_equal(gln_scalar a, gln_scalar b); // type and bits

// One array element at |address|, which need not be aligned. Byte order is the
// host's. A stored i1 is 0 or 1; loading any other byte reads its low bit.
GLN_API gln_scalar gln_scalar_load(gln_type type, const void *address);
GLN_API void gln_scalar_store(gln_scalar value, void *address);

// Text of a value, the shortest of a fixed number of digits that reads back to
// the same bits: `-7`, `1.5e+00`, `inf`, NaN as bits `0x7fc00000`. Independent
// of the locale. Writes at most |size| bytes with a terminator and returns the
// length of the whole text; 40 bytes always suffice.
GLN_API size_t gln_scalar_print(gln_scalar value, char *buffer, size_t size);
// Reads what gln_scalar_print writes, and any decimal number; |text| need not
// be terminated. EG_INVALID when the text is no number or the integer does not
// fit (it may be signed or unsigned: -128…255 for i8). |error| may be NULL.
EG_NODISCARD
GLN_API eg_status gln_scalar_parse(gln_type type, const char *text,
                                   size_t length, gln_scalar *out,
                                   eg_error *error);

#ifdef __cplusplus
}
#endif
#endif
