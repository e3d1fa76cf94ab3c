// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A convolution as a contract of seven dims.
#include "target/nest.h"

#include <string.h>

static gln_nest_axis axis1(uint8_t dim) {
  return (gln_nest_axis){1, {dim}, {1}, 0};
}

static gln_nest_axis window(uint8_t position, int64_t stride, uint8_t offset,
                            int64_t dilation, int64_t extent) {
  return (gln_nest_axis){2, {position, offset}, {stride, dilation}, extent};
}

eg_status gln_conv_contract(const gln_conv *conv, const gln_type_rule *types,
                            uint8_t out_bytes, gln_contract *out_contract,
                            eg_error *error) {
  if (conv->stride_h < 1 || conv->stride_w < 1 || conv->dilation_h < 1 ||
      conv->dilation_w < 1)
    return gln_fail(error, EG_INVALID,
                    "a convolution of strides %lld, %lld and dilations %lld, "
                    "%lld",
                    (long long)conv->stride_h, (long long)conv->stride_w,
                    (long long)conv->dilation_h, (long long)conv->dilation_w);
  uint8_t lhs = (uint8_t)gln_type_bytes(types->lhs);
  uint8_t rhs = (uint8_t)gln_type_bytes(types->rhs);
  gln_contract c = {
      .num_dims = GLN_CONV_NUM_DIMS,
      .num_operands = 3,
      .extents = {conv->n, conv->k, conv->c, conv->p, conv->q, conv->r,
                  conv->s},
  };
  c.operands[GLN_CONV_INPUT] = (gln_nest_operand){
      .memory = GLN_MEMORY_ABUF,
      .bytes = lhs,
      .partial_bytes = lhs,
      .num_axes = 4,
      .axes = {axis1(GLN_CONV_N),
               window(GLN_CONV_P, conv->stride_h, GLN_CONV_R, conv->dilation_h,
                      conv->height),
               window(GLN_CONV_Q, conv->stride_w, GLN_CONV_S, conv->dilation_w,
                      conv->width),
               axis1(GLN_CONV_C)},
  };
  c.operands[GLN_CONV_WEIGHT] = (gln_nest_operand){
      .memory = GLN_MEMORY_WBUF,
      .bytes = rhs,
      .partial_bytes = rhs,
      .num_axes = 4,
      .axes = {axis1(GLN_CONV_R), axis1(GLN_CONV_S), axis1(GLN_CONV_C),
               axis1(GLN_CONV_K)},
  };
  c.operands[GLN_CONV_OUTPUT] = (gln_nest_operand){
      .memory = GLN_MEMORY_ACC,
      .is_output = true,
      .bytes = out_bytes,
      .partial_bytes = (uint8_t)gln_type_bytes(types->acc),
      .num_axes = 4,
      .axes = {axis1(GLN_CONV_N), axis1(GLN_CONV_P), axis1(GLN_CONV_Q),
               axis1(GLN_CONV_K)},
  };
  *out_contract = c;
  return gln_contract_check(&c, error);
}
