// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Element types, conversions between them, and the text of a value.
#include "view/type.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

eg_status gln_fail(eg_error *error, eg_status status, const char *format, ...) {
  if (!error)
    return status;
  error->status = status;
  error->line = error->column = 0;
  va_list args;
  va_start(args, format);
  vsnprintf(error->text, sizeof error->text, format, args);
  va_end(args);
  return status;
}

//===-- The table ---------------------------------------------------------===//

enum { FLOAT, INT };

static const struct {
  const char *name;
  uint8_t bits, bytes, kind;
} types[GLN_NUM_TYPES] = {
#define GLN_X(id, name, bits, bytes, kind) {name, bits, bytes, kind},
    GLN_TYPE_TABLE(GLN_X)
#undef GLN_X
};

bool gln_type_is_valid(int type) {
  return type >= 0 && type < GLN_NUM_TYPES;
}

const char *gln_type_name(gln_type type) {
  return gln_type_is_valid((int)type) ? types[type].name : "?";
}

unsigned gln_type_bits(gln_type type) {
  return types[type].bits;
}

unsigned gln_type_bytes(gln_type type) {
  return types[type].bytes;
}

bool gln_type_is_float(gln_type type) {
  return types[type].kind == FLOAT;
}

bool gln_type_is_int(gln_type type) {
  return types[type].kind == INT;
}

bool gln_type_parse(const char *name, size_t length, gln_type *out) {
  for (int type = 0; type < GLN_NUM_TYPES; ++type) {
    if (strlen(types[type].name) == length &&
        memcmp(types[type].name, name, length) == 0) {
      *out = (gln_type)type;
      return true;
    }
  }
  return false;
}

bool gln_type_widens_to(gln_type from, gln_type to) {
  return from == to || (types[from].kind == types[to].kind &&
                        types[from].bits < types[to].bits);
}

//===-- Float formats -----------------------------------------------------===//

// A binary format below double: |fraction| bits after the point, least normal
// exponent |least|, and the bits of +infinity.
typedef struct {
  int fraction, least;
  uint64_t infinity;
} float_format;

static const float_format half = {10, -14, 0x7c00};
static const float_format brain = {7, -126, 0x7f80};

// Rounds to nearest even. With |v| = 1.x · 2^e the last place is worth
// 2^(max(e, least) - fraction); the count of last places is the encoding,
// because a carry out of the fraction is the next exponent.
static uint64_t round_to_format(double v, float_format format) {
  uint64_t sign = signbit(v) ? 0x8000 : 0;
  if (isnan(v))
    return format.infinity | (UINT64_C(1) << (format.fraction - 1));
  if (v == 0)
    return sign;
  if (isinf(v))
    return sign | format.infinity;
  int exponent;
  frexp(v, &exponent);
  --exponent;
  bool normal = exponent >= format.least;
  int place = (normal ? exponent : format.least) - format.fraction;
  double scaled = ldexp(fabs(v), -place), whole = floor(scaled);
  double rest = scaled - whole;
  uint64_t count = (uint64_t)whole;
  if (rest > 0.5 || (rest == 0.5 && (count & 1)))
    ++count;
  if (normal)
    count += (uint64_t)(exponent - format.least) << format.fraction;
  return sign | (count < format.infinity ? count : format.infinity);
}

static double format_to_double(uint64_t bits, float_format format) {
  uint64_t magnitude = bits & 0x7fff, one = UINT64_C(1) << format.fraction;
  uint64_t fraction = magnitude & (one - 1);
  int exponent = (int)(magnitude >> format.fraction);
  double v;
  if (magnitude >= format.infinity)
    v = fraction ? (double)NAN : (double)INFINITY;
  else if (exponent == 0)
    v = ldexp((double)fraction, format.least - format.fraction);
  else
    v = ldexp((double)(fraction + one),
              exponent - 1 + format.least - format.fraction);
  return bits & 0x8000 ? -v : v;
}

static uint64_t double_bits(double v) {
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

static uint64_t float_bits(float v) {
  uint32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

// Every NaN that an operation makes is this one, so results have one encoding.
static uint64_t encode_double(gln_type type, double v) {
  switch (type) {
  case GLN_TYPE_F32:
    return isnan(v) ? UINT64_C(0x7fc00000) : float_bits((float)v);
  case GLN_TYPE_BF16:
    return round_to_format(v, brain);
  case GLN_TYPE_F16:
    return round_to_format(v, half);
  default:
    return isnan(v) ? UINT64_C(0x7ff8000000000000) : double_bits(v);
  }
}

//===-- Conversions -------------------------------------------------------===//

static uint64_t low_mask(unsigned bits) {
  return bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

static int64_t sign_extend(uint64_t value, unsigned bits) {
  uint64_t sign = UINT64_C(1) << (bits - 1);
  return (int64_t)((value ^ sign) - sign);
}

static int64_t clamp_to_signed(double value, unsigned bits) {
  double end = ldexp(1, (int)bits - 1);
  if (isnan(value))
    return 0;
  if (value >= end)
    return (int64_t)(low_mask(bits) >> 1);
  if (value < -end)
    return -(int64_t)(low_mask(bits) >> 1) - 1;
  return (int64_t)value;
}

// |magnitude| as a double rounded to odd: cut to 53 bits, the last one set if
// anything was lost. Rounding that to 51 bits or fewer is rounding once.
static double to_odd(uint64_t magnitude) {
  int shift = 0;
  while ((magnitude >> shift) >> 53)
    ++shift;
  uint64_t kept = magnitude >> shift;
  kept |= (kept << shift) != magnitude;
  return ldexp((double)kept, shift);
}

static gln_scalar from_magnitude(gln_type type, uint64_t magnitude,
                                 bool negative) {
  double v = type == GLN_TYPE_F64 ? (double)magnitude : to_odd(magnitude);
  return (gln_scalar){type, encode_double(type, negative ? -v : v)};
}

gln_scalar gln_scalar_from_double(gln_type type, double value) {
  if (gln_type_is_float(type))
    return (gln_scalar){type, encode_double(type, value)};
  unsigned bits = gln_type_bits(type);
  return (gln_scalar){type,
                      (uint64_t)clamp_to_signed(value, bits) & low_mask(bits)};
}

gln_scalar gln_scalar_from_int(gln_type type, int64_t value) {
  if (gln_type_is_int(type))
    return gln_scalar_from_uint(type, (uint64_t)value);
  uint64_t magnitude = (uint64_t)value;
  return from_magnitude(type, value < 0 ? 0 - magnitude : magnitude, value < 0);
}

gln_scalar gln_scalar_from_uint(gln_type type, uint64_t value) {
  if (gln_type_is_int(type))
    return (gln_scalar){type, value & low_mask(gln_type_bits(type))};
  return from_magnitude(type, value, false);
}

double gln_scalar_to_double(gln_scalar value) {
  switch (value.type) {
  case GLN_TYPE_F32: {
    uint32_t bits = (uint32_t)value.bits;
    float v;
    memcpy(&v, &bits, sizeof v);
    return (double)v;
  }
  case GLN_TYPE_F64: {
    double v;
    memcpy(&v, &value.bits, sizeof v);
    return v;
  }
  case GLN_TYPE_BF16:
    return format_to_double(value.bits, brain);
  case GLN_TYPE_F16:
    return format_to_double(value.bits, half);
  default:
    return (double)gln_scalar_to_int(value);
  }
}

int64_t gln_scalar_to_int(gln_scalar value) {
  if (gln_type_is_float(value.type))
    return clamp_to_signed(gln_scalar_to_double(value), 64);
  return sign_extend(value.bits, gln_type_bits(value.type));
}

uint64_t gln_scalar_to_uint(gln_scalar value) {
  if (!gln_type_is_float(value.type))
    return value.bits;
  double v = gln_scalar_to_double(value);
  if (!(v >= 1)) // NaN too
    return 0;
  return v >= 18446744073709551616.0 ? UINT64_MAX : (uint64_t)v;
}

bool gln_scalar_equal(gln_scalar a, gln_scalar b) {
  return a.type == b.type && a.bits == b.bits;
}

gln_scalar gln_scalar_load(gln_type type, const void *address) {
  uint8_t byte;
  uint16_t word;
  uint32_t quad;
  uint64_t bits;
  switch (gln_type_bytes(type)) {
  case 1:
    memcpy(&byte, address, sizeof byte);
    bits = byte;
    break;
  case 2:
    memcpy(&word, address, sizeof word);
    bits = word;
    break;
  case 4:
    memcpy(&quad, address, sizeof quad);
    bits = quad;
    break;
  default:
    memcpy(&bits, address, sizeof bits);
    break;
  }
  return (gln_scalar){type, bits & low_mask(gln_type_bits(type))};
}

void gln_scalar_store(gln_scalar value, void *address) {
  uint8_t byte = (uint8_t)value.bits;
  uint16_t word = (uint16_t)value.bits;
  uint32_t quad = (uint32_t)value.bits;
  switch (gln_type_bytes(value.type)) {
  case 1:
    memcpy(address, &byte, sizeof byte);
    break;
  case 2:
    memcpy(address, &word, sizeof word);
    break;
  case 4:
    memcpy(address, &quad, sizeof quad);
    break;
  default:
    memcpy(address, &value.bits, sizeof value.bits);
    break;
  }
}

//===-- Text --------------------------------------------------------------===//

enum { TEXT_MAX = 64 }; // bytes of a number, terminator included

// snprintf writes and strtod reads the locale's decimal point, which may have
// several bytes; the text form always has a full stop.
static void point_to_stop(char *text) {
  char *from = text, *to = text;
  bool seen = false;
  for (; *from; ++from) {
    if (strchr("0123456789+-e", *from)) {
      *to++ = *from;
      seen = false;
    } else if (!seen) {
      *to++ = '.';
      seen = true;
    }
  }
  *to = '\0';
}

static void stop_to_point(const char *text, char *out, size_t size) {
  const char *point = localeconv()->decimal_point;
  const char *stop = strchr(text, '.');
  if (stop)
    snprintf(out, size, "%.*s%s%s", (int)(stop - text), text, point, stop + 1);
  else
    snprintf(out, size, "%s", text);
}

// strtof where it matters: a decimal halfway between two floats but for its
// hundredth digit must not be rounded twice.
static gln_scalar decimal_to_float(gln_type type, const char *text) {
  char local[TEXT_MAX + 16];
  stop_to_point(text, local, sizeof local);
  if (type == GLN_TYPE_F32)
    return (gln_scalar){type, float_bits(strtof(local, NULL))};
  return gln_scalar_from_double(type, strtod(local, NULL));
}

static void print_float(gln_scalar value, char *text, size_t size) {
  double v = gln_scalar_to_double(value);
  if (isinf(v)) {
    snprintf(text, size, "%sinf", v < 0 ? "-" : "");
    return;
  }
  if (isnan(v)) {
    snprintf(text, size, "0x%llx", (unsigned long long)value.bits);
    return;
  }
  for (int digits = 1; digits <= 17; ++digits) {
    snprintf(text, size, "%.*e", digits - 1, v);
    point_to_stop(text);
    if (decimal_to_float(value.type, text).bits == value.bits)
      return;
  }
}

size_t gln_scalar_print(gln_scalar value, char *buffer, size_t size) {
  char text[TEXT_MAX];
  if (gln_type_is_float(value.type))
    print_float(value, text, sizeof text);
  else if (value.type == GLN_TYPE_I1)
    snprintf(text, sizeof text, "%d", (int)value.bits);
  else
    snprintf(text, sizeof text, "%lld", (long long)gln_scalar_to_int(value));
  if (size)
    snprintf(buffer, size, "%s", text);
  return strlen(text);
}

// [+-] digits [. digits] [e [+-] digits], with a digit before or after the
// stop.
static bool is_decimal(const char *text) {
  text += *text == '-' || *text == '+';
  size_t whole = strspn(text, "0123456789"), part = 0;
  text += whole;
  if (*text == '.') {
    part = strspn(++text, "0123456789");
    text += part;
  }
  if (whole + part == 0)
    return false;
  if (*text == 'e' || *text == 'E') {
    ++text;
    text += *text == '-' || *text == '+';
    size_t digits = strspn(text, "0123456789");
    if (digits == 0)
      return false;
    text += digits;
  }
  return *text == '\0';
}

static bool parse_digits(const char *text, unsigned base, uint64_t *out) {
  uint64_t value = 0;
  if (!*text)
    return false;
  for (; *text; ++text) {
    const char *digits = "0123456789abcdef", *found = strchr(digits, *text);
    if (!found || (unsigned)(found - digits) >= base)
      return false;
    uint64_t digit = (uint64_t)(found - digits);
    if (value > (UINT64_MAX - digit) / base)
      return false;
    value = value * base + digit;
  }
  *out = value;
  return true;
}

static bool parse_int(gln_type type, const char *text, gln_scalar *out) {
  unsigned bits = gln_type_bits(type);
  if (type == GLN_TYPE_I1 && strcmp(text, "true") == 0)
    return *out = (gln_scalar){type, 1}, true;
  if (type == GLN_TYPE_I1 && strcmp(text, "false") == 0)
    return *out = (gln_scalar){type, 0}, true;
  bool negative = *text == '-';
  uint64_t magnitude;
  if (!parse_digits(text + negative, 10, &magnitude))
    return false;
  uint64_t most = negative ? UINT64_C(1) << (bits - 1) : low_mask(bits);
  if (magnitude > most)
    return false;
  *out = gln_scalar_from_uint(type, negative ? 0 - magnitude : magnitude);
  return true;
}

static bool parse_float(gln_type type, const char *text, gln_scalar *out) {
  if (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0) {
    *out = gln_scalar_from_double(type, *text == '-' ? -(double)INFINITY
                                                     : (double)INFINITY);
    return true;
  }
  if (strcmp(text, "nan") == 0) {
    *out = gln_scalar_from_double(type, (double)NAN);
    return true;
  }
  if (!is_decimal(text))
    return false;
  *out = decimal_to_float(type, text);
  return true;
}

eg_status gln_scalar_parse(gln_type type, const char *text, size_t length,
                           gln_scalar *out, eg_error *error) {
  char copy[TEXT_MAX];
  if (length >= sizeof copy)
    return gln_fail(error, EG_INVALID, "a number of %zu characters, at most %d",
                    length, TEXT_MAX - 1);
  memcpy(copy, text, length);
  copy[length] = '\0';
  uint64_t bits;
  bool good = strlen(copy) == length;
  if (!good) {
    // A zero byte inside is no number.
  } else if (length > 2 && copy[0] == '0' && copy[1] == 'x') {
    good = parse_digits(copy + 2, 16, &bits) &&
           bits <= low_mask(gln_type_bits(type));
    if (good)
      *out = (gln_scalar){type, bits};
  } else if (gln_type_is_float(type)) {
    good = parse_float(type, copy, out);
  } else {
    good = parse_int(type, copy, out);
  }
  if (!good)
    return gln_fail(error, EG_INVALID, "'%s' is no value of type %s", copy,
                    gln_type_name(type));
  return EG_OK;
}
