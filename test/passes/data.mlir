// Constant data of every sort, the broken ones included: never a crash.
// RUN: glenside-test-opt %s --test-data --verify-diagnostics --allow-unregistered-dialect

// expected-remark@+1 {{data is readable: 12 of 12 bytes, 4 each, key -, first 0x01}}
"t.a"() {value = dense<[1, 2, 3]> : tensor<3xi32>} : () -> ()
// expected-remark@+1 {{data is readable: 2 of 2 bytes, 2 each, splat, key -, first 0x09}}
"t.b"() {value = dense<9> : tensor<5xi16>} : () -> ()
// expected-remark@+1 {{data is readable: 1 of 1 bytes, 1 each, packed, key -, first 0x05}}
"t.c"() {value = dense<[true, false, true]> : tensor<3xi1>} : () -> ()
// expected-remark@+1 {{data is readable: 0 of 0 bytes, 4 each, key -, first 0x00}}
"t.d"() {value = dense<> : tensor<0xf32>} : () -> ()
// expected-remark@+1 {{data is readable: 8 of 8 bytes, 4 each, key good, first 0x07}}
"t.e"() {value = dense_resource<good> : tensor<2xi32>} : () -> ()
// expected-remark@+1 {{data has the wrong length: 8 of 12 bytes, 4 each, key good, first 0x00}}
"t.f"() {value = dense_resource<good> : tensor<3xf32>} : () -> ()
// expected-remark@+1 {{data is missing from the file: 0 of 8 bytes, 4 each, key absent, first 0x00}}
"t.g"() {value = dense_resource<absent> : tensor<2xi32>} : () -> ()
// expected-remark@+1 {{data is elided: 0 of 8 bytes, 4 each, key __elided__, first 0x00}}
"t.h"() {value = dense_resource<__elided__> : tensor<2xi32>} : () -> ()
// expected-remark@+1 {{data is not dense data of a number type: 0 of 0 bytes, 0 each, key -, first 0x00}}
"t.i"() {value = dense<["a", "b"]> : tensor<2x!t.s>} : () -> ()
// expected-remark@+1 {{data is not dense data of a number type}}
"t.j"() {value = 3 : i32} : () -> ()
// expected-remark@+1 {{data has the wrong length: 8 of 0 bytes}}
"t.k"() {value = dense_resource<good> : tensor<0x9223372036854775807xi32>} : () -> ()
// expected-remark@+1 {{data is not dense data of a number type}}
"t.l"() {value = dense_resource<good> : tensor<4294967296x4294967296xi32>} : () -> ()
// expected-remark@+1 {{data is readable: 1 of 1 bytes, 1 each, splat, key -, first 0x01}}
"t.m"() {value = dense<true> : tensor<64xi1>} : () -> ()
// expected-remark@+1 {{data is readable: 2 of 2 bytes, 1 each, key -, first 0x03}}
"t.n"() {value = dense<[3, 5]> : tensor<2xi4>} : () -> ()
// expected-remark@+1 {{data is readable: 16 of 16 bytes, 8 each, key -, first 0x00}}
"t.o"() {value = dense<[(1.0, 2.0), (3.0, 4.0)]> : tensor<2xcomplex<f32>>} : () -> ()

{-#
  dialect_resources: {
    builtin: {
      good: "0x040000000700000008000000"
    }
  }
#-}
