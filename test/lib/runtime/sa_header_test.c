// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The public headers stand alone, twice, in C; sa_header.cpp says so in C++.
#include "sa.h"
#include "sa_backend.h"

#include "check.h"

CHECK_TEST(the_header_is_of_the_librarys_version) {
  CHECK_EQ(sa_abi_version(), SA_ABI_VERSION);
}

// Layouts that generated code relies on: no hidden padding, no surprises.
CHECK_TEST(descriptors_have_the_layout_that_generated_code_writes) {
  CHECK_EQ(sizeof(sa_hw), 11 * 4);
  CHECK_EQ(sizeof(sa_rows), 7 * 4);
  CHECK_EQ(sizeof(sa_box), 12 * 4 + 10 * 8);
  CHECK_EQ(sizeof(sa_gemm_desc), 4 * (4 + 7 + 7 + 2 + 2 + 2 + 2));
  CHECK_EQ(sizeof(sa_gemm_os_desc), 4 * (4 + 7 + 7 + 3 + 6 + 4));
  CHECK_EQ(sizeof(sa_pool), 4 * 10 + 2 * 8);
  CHECK_EQ(offsetof(sa_load_desc, box), 8);
  CHECK_EQ(offsetof(sa_out, pool), 16 + sizeof(void *));
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
