// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Dense arrays: storage, numbering, limits, reproducible contents.
#include "../gln_test.h"

#include "interp/array.h"

CHECK_TEST(elements_and_numbers) {
  gln_shape shape = test_shape("((2,3),(4)) i16");
  gln_array array;
  CHECK_EQ(gln_array_init(&array, &shape, eg_allocator_default(), NULL), EG_OK);
  CHECK_EQ(array.num_bytes, 48);
  for (int64_t n = 0; n < 24; ++n) {
    int64_t index[3];
    CHECK_EQ(gln_array_get(&array, n).bits, 0);
    gln_shape_position(&shape, n, index);
    CHECK_EQ(index[0], n / 12);
    CHECK_EQ(index[1], n / 4 % 3);
    CHECK_EQ(index[2], n % 4);
    CHECK_EQ(gln_shape_linear(&shape, index), n);
    gln_array_set(&array, n, gln_scalar_from_int(GLN_TYPE_I16, -n));
  }
  for (int64_t n = 0; n < 24; ++n)
    CHECK_EQ(gln_scalar_to_int(gln_array_get(&array, n)), -n);
  gln_array copy;
  CHECK_EQ(gln_array_copy(&copy, &array, eg_allocator_default(), NULL), EG_OK);
  CHECK(gln_array_equal(&copy, &array));
  gln_array_set(&copy, 23, gln_scalar_from_int(GLN_TYPE_I16, 1));
  CHECK(!gln_array_equal(&copy, &array));
  copy.shape.num_access = 1;
  CHECK(!gln_array_equal(&copy, &array));
  gln_array_fini(&copy);
  gln_array_fini(&array);
  gln_array_fini(&array);
  CHECK(array.data == NULL);
}

CHECK_TEST(rank_zero_is_one_element) {
  gln_shape shape = test_shape("((),()) f64");
  gln_array array;
  CHECK_EQ(gln_array_init(&array, &shape, eg_allocator_default(), NULL), EG_OK);
  CHECK_EQ(array.num_bytes, 8);
  CHECK_EQ(gln_shape_linear(&shape, NULL), 0);
  gln_array_fini(&array);
}

CHECK_TEST(failures_leave_it_empty) {
  struct test_memory memory = {0, 0, 0};
  gln_shape shape = test_shape("((2),(3)) f32");
  gln_array array;
  eg_error error = {0};
  CHECK_EQ(gln_array_init(&array, &shape, test_allocator(&memory), &error),
           EG_NO_MEMORY);
  CHECK_STR(error.text, "array: no memory for 24 bytes");
  CHECK(array.data == NULL);
  gln_array_fini(&array);
  shape = test_shape("((2147483647,2147483647),()) f64");
  CHECK_EQ(gln_array_init(&array, &shape, test_allocator(&memory), &error),
           EG_LIMIT);
  CHECK_EQ(memory.requests, 1); // never asked
  CHECK(array.data == NULL);
  shape.dims[0] = 0;
  CHECK_EQ(gln_array_init(&array, &shape, test_allocator(&memory), &error),
           EG_INVALID);
  CHECK_EQ(memory.held, 0);
}

CHECK_TEST(random_contents) {
  for (int type = 0; type < GLN_NUM_TYPES; ++type) {
    gln_shape shape = test_shape("((),(500)) f32");
    shape.type = (gln_type)type;
    gln_array a, b;
    uint64_t first = 9, second = 9;
    CHECK_EQ(gln_array_init(&a, &shape, eg_allocator_default(), NULL), EG_OK);
    CHECK_EQ(gln_array_init(&b, &shape, eg_allocator_default(), NULL), EG_OK);
    gln_array_fill_random(&a, &first, 3);
    gln_array_fill_random(&b, &second, 3);
    CHECK(gln_array_equal(&a, &b));
    gln_array_fill_random(&b, &second, 3);
    CHECK(!gln_array_equal(&a, &b));
    double least = 100, most = -100;
    for (int64_t n = 0; n < 500; ++n) {
      double v = gln_scalar_to_double(gln_array_get(&a, n));
      least = v < least ? v : least;
      most = v > most ? v : most;
      CHECK(v * 8 == (double)(int)(v * 8));
    }
    CHECK(least == (type == GLN_TYPE_I1 ? -1 : -3)); // an i1 reads as 0 or -1
    CHECK(most == (type == GLN_TYPE_I1 ? 0 : 3));
    gln_array_fini(&a);
    gln_array_fini(&b);
  }
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
