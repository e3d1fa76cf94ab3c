// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fuzzes the reader of serialized e-graphs: no input may crash it, what it
// refuses has a message, and what it accepts is written as JSON that reads back
// and is then written the same.
#include "eg_serial.h"
#include "fuzz.h"

typedef struct text {
  char *data;
  size_t num, cap;
} text;

static bool append(void *user, const char *bytes, size_t size) {
  text *t = user;
  if (t->num + size > t->cap) {
    char *more = realloc(t->data, 2 * (t->num + size));
    if (!more)
      return false;
    t->data = more;
    t->cap = 2 * (t->num + size);
  }
  memcpy(t->data + t->num, bytes, size);
  t->num += size;
  return true;
}

static void check_round_trip(const eg_allocator *memory,
                             const eg_serial *serial) {
  text one = {0}, two = {0};
  eg_serial *again;
  eg_error error = {0};
  eg_status status = eg_serial_write(serial, (eg_writer){append, &one});
  fuzz_require(status == EG_OK, "write", "");
  status = eg_serial_parse(memory, one.data, one.num, &again, &error);
  fuzz_require(status == EG_OK, "read back", error.text);
  status = eg_serial_write(again, (eg_writer){append, &two});
  fuzz_require(status == EG_OK && one.num == two.num &&
                   memcmp(one.data, two.data, one.num) == 0,
               "written differently", "");
  eg_serial_destroy(again);
  free(one.data);
  free(two.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  eg_allocator memory = eg_allocator_default();
  eg_serial *serial;
  eg_error error = {0};
  eg_status status =
      eg_serial_parse(&memory, (const char *)data, size, &serial, &error);
  if (status != EG_OK) {
    fuzz_require(error.text[0] != '\0', "no message", "");
    return 0;
  }
  check_round_trip(&memory, serial);
  eg_serial_destroy(serial);
  return 0;
}

FUZZ_UNUSED static const char *const seeds[] = {
    "{\"nodes\": {\"a.0\": {\"op\": \"+\", \"eclass\": \"a\", \"children\": "
    "[\"b.0\", \"a.0\"], \"cost\": 2.5}, \"b.0\": {\"op\": \"x\\u00e9\\n\", "
    "\"eclass\": \"b\", \"subsumed\": true}}, \"root_eclasses\": [\"a\"], "
    "\"class_data\": {\"a\": {\"type\": \"T\", \"k\": \"v\"}, \"b\": "
    "{\"type\": "
    "null}}}",
    "{\"nodes\":{},\"comment\":[1,2.5e-3,true,false,null,{\"a\":[[]]}]}",
    "{\"nodes\":{\"1\":{\"op\":\"f\",\"eclass\":\"1\",\"children\":[\"2\","
    "\"2\"],"
    "\"cost\":-1e9},\"2\":{\"op\":\"\\ud83d\\ude00\",\"eclass\":\"1\"}}}",
};
FUZZ_UNUSED static const char pieces[] =
    "{ } [ ] : , \"a\" \"nodes\" \"op\" \"eclass\" \"children\" \"cost\" null "
    "true 1e400 -0.5 1e5 \\u0000 \\ud800 \"class_data\" \"root_eclasses\" \" "
    "\\";

FUZZ_MAIN(seeds, pieces, 20000)
