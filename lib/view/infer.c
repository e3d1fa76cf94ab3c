// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The shape rule of every access op, one function per op, as shape.h states
// them. Each fills dimensions and split of a result that starts as operand 0;
// gln_shape_infer checks extents and limits afterwards, once for all.
#include "view/shape.h"

#include <string.h>

typedef long long ll;

// What a rule sees.
typedef struct {
  const char *name; // of the op, for messages
  const gln_op_attrs *attrs;
  const gln_shape *in;
  size_t num;
  eg_error *error;
} query;

typedef char text[160]; // of a shape; cut where it is longer

static const char *show(const gln_shape *shape, char *buffer) {
  gln_shape_print(shape, buffer, sizeof(text));
  return buffer;
}

static const gln_op_info infos[GLN_NUM_OPS] = {
#define GLN_X(id, name, min, max, attrs) {name, min, max, attrs},
    GLN_OP_TABLE(GLN_X)
#undef GLN_X
};

const gln_op_info *gln_op_get_info(gln_op op) {
  return &infos[op];
}

bool gln_op_parse(const char *name, size_t length, gln_op *out) {
  for (int op = 0; op < GLN_NUM_OPS; ++op) {
    if (strlen(infos[op].name) == length &&
        memcmp(infos[op].name, name, length) == 0) {
      *out = (gln_op)op;
      return true;
    }
  }
  return false;
}

//===-- Helpers -----------------------------------------------------------===//

static eg_status bad_dim(const query *q, int64_t dim, int64_t limit) {
  text a;
  return gln_fail(q->error, EG_INVALID,
                  "%s: dim = %lld is not in [0, %lld) for operand 0 of %s",
                  q->name, (ll)dim, (ll)limit, show(&q->in[0], a));
}

static eg_status check_length(const query *q, const char *attr, gln_ints list,
                              int wanted) {
  text a;
  if (list.num == (size_t)wanted)
    return EG_OK;
  return gln_fail(q->error, EG_INVALID,
                  "%s: %s has %zu entries, expected %d for operand 0 of %s",
                  q->name, attr, list.num, wanted, show(&q->in[0], a));
}

// Entry |i| of |attr|, which must lie in [least, most]: a bound that keeps all
// sums below within int64_t.
static eg_status check_entry(const query *q, const char *attr, gln_ints list,
                             int i, int64_t least, int64_t most) {
  text a;
  if (list.data[i] >= least && list.data[i] <= most)
    return EG_OK;
  return gln_fail(
      q->error, EG_INVALID,
      "%s: %s[%d] = %lld is not in [%lld, %lld] for operand 0 of %s", q->name,
      attr, i, (ll)list.data[i], (ll)least, (ll)most, show(&q->in[0], a));
}

// Operands 0 and |i| differ in what the op needs equal.
static eg_status clash(const query *q, size_t i, const char *what) {
  text a, b;
  return gln_fail(q->error, EG_INVALID,
                  "%s: operand %zu of %s differs from operand 0 of %s in %s",
                  q->name, i, show(&q->in[i], a), show(&q->in[0], b), what);
}

static void remove_dim(gln_shape *s, int dim) {
  memmove(s->dims + dim, s->dims + dim + 1,
          (size_t)(s->rank - dim - 1) * sizeof *s->dims);
  s->dims[--s->rank] = 0;
  s->num_access = (uint8_t)(s->num_access - (dim < s->num_access));
}

static eg_status check_rank(const query *q, int64_t rank) {
  text a;
  if (rank <= GLN_MAX_RANK)
    return EG_OK;
  return gln_fail(q->error, EG_LIMIT,
                  "%s: result of operand 0 of %s has %lld dimensions, at most "
                  "%d",
                  q->name, show(&q->in[0], a), (ll)rank, GLN_MAX_RANK);
}

// Inserts an item or access dimension; the split does not move.
static eg_status insert_dim(const query *q, gln_shape *s, int dim,
                            int64_t extent) {
  eg_status status = check_rank(q, (int64_t)s->rank + 1);
  if (status)
    return status;
  memmove(s->dims + dim + 1, s->dims + dim,
          (size_t)(s->rank - dim) * sizeof *s->dims);
  s->dims[dim] = extent;
  ++s->rank;
  return EG_OK;
}

static void drop_items(gln_shape *s) {
  for (int i = s->num_access; i < s->rank; ++i)
    s->dims[i] = 0;
  s->rank = s->num_access;
}

//===-- Views -------------------------------------------------------------===//

static eg_status infer_view(const query *q, gln_shape *out) {
  text a;
  if (q->attrs->at < 0 || q->attrs->at > out->rank)
    return gln_fail(q->error, EG_INVALID,
                    "%s: at = %lld is not in [0, %d] for operand 0 of %s",
                    q->name, (ll)q->attrs->at, out->rank, show(&q->in[0], a));
  out->num_access = (uint8_t)q->attrs->at;
  return EG_OK;
}

static eg_status infer_tensor(const query *q, gln_shape *out) {
  (void)q;
  out->num_access = 0;
  return EG_OK;
}

static eg_status infer_shift(const query *q, gln_shape *out) {
  text a;
  int64_t by = q->attrs->by;
  if (by < -out->num_access || by > out->rank - out->num_access)
    return gln_fail(q->error, EG_INVALID,
                    "%s: by = %lld is not in [%d, %d] for operand 0 of %s",
                    q->name, (ll)by, -out->num_access,
                    out->rank - out->num_access, show(&q->in[0], a));
  out->num_access = (uint8_t)(out->num_access + by);
  return EG_OK;
}

static eg_status infer_transpose(const query *q, gln_shape *out) {
  const gln_shape *in = &q->in[0];
  gln_ints perm = q->attrs->perm;
  eg_status status = check_length(q, "perm", perm, in->rank);
  uint32_t seen = 0;
  for (int i = 0; i < in->rank && !status; ++i) {
    text a;
    status = check_entry(q, "perm", perm, i, 0, in->rank - 1);
    if (status)
      break;
    uint32_t bit = UINT32_C(1) << perm.data[i];
    if (seen & bit)
      return gln_fail(q->error, EG_INVALID,
                      "%s: perm names dimension %lld twice for operand 0 of %s",
                      q->name, (ll)perm.data[i], show(in, a));
    seen |= bit;
    out->dims[i] = in->dims[perm.data[i]];
  }
  return status;
}

// The shape attribute, as extents and split for operand 0's element type.
static eg_status target(const query *q, gln_shape *out) {
  gln_type type = out->type;
  eg_error inner = {0};
  *out = q->attrs->shape;
  out->type = type;
  eg_status status = gln_shape_check(out, &inner);
  if (status)
    gln_fail(q->error, status, "%s: attribute %s", q->name, inner.text);
  return status;
}

static eg_status infer_reshape(const query *q, gln_shape *out) {
  const gln_shape *in = &q->in[0];
  text a, b;
  eg_status status = target(q, out);
  if (status)
    return status;
  bool access =
      gln_shape_num_access_elements(in) == gln_shape_num_access_elements(out);
  bool item =
      gln_shape_num_item_elements(in) == gln_shape_num_item_elements(out);
  if (access && item)
    return EG_OK;
  return gln_fail(q->error, EG_INVALID,
                  "%s: operand 0 of %s and result of %s differ in the number "
                  "of %s elements",
                  q->name, show(in, a), show(out, b),
                  access ? "item" : "access");
}

static eg_status infer_flatten(const query *q, gln_shape *out) {
  int64_t access = gln_shape_num_access_elements(&q->in[0]);
  int64_t item = gln_shape_num_item_elements(&q->in[0]);
  text a;
  if (access > GLN_MAX_EXTENT || item > GLN_MAX_EXTENT)
    return gln_fail(q->error, EG_LIMIT,
                    "%s: ((%lld),(%lld)) of operand 0 of %s exceeds extent "
                    "%lld",
                    q->name, (ll)access, (ll)item, show(&q->in[0], a),
                    (ll)GLN_MAX_EXTENT);
  *out = (gln_shape){
      .type = out->type, .rank = 2, .num_access = 1, .dims = {access, item}};
  return EG_OK;
}

static eg_status infer_squeeze(const query *q, gln_shape *out) {
  int64_t dim = q->attrs->dim;
  text a;
  if (dim < 0 || dim >= out->rank)
    return bad_dim(q, dim, out->rank);
  if (out->dims[dim] != 1)
    return gln_fail(q->error, EG_INVALID,
                    "%s: dimension %lld of operand 0 of %s has extent %lld, "
                    "not 1",
                    q->name, (ll)dim, show(&q->in[0], a), (ll)out->dims[dim]);
  remove_dim(out, (int)dim);
  return EG_OK;
}

static eg_status infer_insert_axis(const query *q, gln_shape *out) {
  int64_t dim = q->attrs->dim;
  if (dim < 0 || dim > out->rank)
    return bad_dim(q, dim, out->rank + 1);
  eg_status status = insert_dim(q, out, (int)dim, 1);
  if (status == EG_OK && dim <= out->num_access)
    ++out->num_access;
  return status;
}

// Whether dims[0…n) of |in| broadcast to dims[0…m) of |out|, right-aligned.
static bool half_broadcasts(const int64_t *in, int n, const int64_t *out,
                            int m) {
  if (n > m)
    return false;
  for (int i = 0; i < n; ++i)
    if (in[i] != 1 && in[i] != out[m - n + i])
      return false;
  return true;
}

static eg_status infer_broadcast(const query *q, gln_shape *out) {
  const gln_shape *in = &q->in[0];
  text a, b;
  eg_status status = target(q, out);
  if (status)
    return status;
  int ka = in->num_access, kb = out->num_access;
  if (half_broadcasts(in->dims, ka, out->dims, kb) &&
      half_broadcasts(in->dims + ka, in->rank - ka, out->dims + kb,
                      out->rank - kb))
    return EG_OK;
  return gln_fail(q->error, EG_INVALID,
                  "%s: operand 0 of %s does not broadcast to %s", q->name,
                  show(in, a), show(out, b));
}

static eg_status infer_slice(const query *q, gln_shape *out) {
  const gln_op_attrs *at = q->attrs;
  int rank = q->in[0].rank;
  eg_status status = check_length(q, "offsets", at->offsets, rank);
  if (!status)
    status = check_length(q, "sizes", at->sizes, rank);
  if (!status)
    status = check_length(q, "strides", at->strides, rank);
  for (int i = 0; i < rank && !status; ++i) {
    int64_t extent = q->in[0].dims[i];
    status = check_entry(q, "offsets", at->offsets, i, 0, extent - 1);
    if (!status)
      status = check_entry(q, "sizes", at->sizes, i, 1, extent);
    if (!status)
      status = check_entry(q, "strides", at->strides, i, -GLN_MAX_EXTENT,
                           GLN_MAX_EXTENT);
    if (status)
      return status;
    text a;
    int64_t last =
        at->offsets.data[i] + (at->sizes.data[i] - 1) * at->strides.data[i];
    if (at->strides.data[i] == 0)
      return gln_fail(q->error, EG_INVALID,
                      "%s: strides[%d] = 0 for operand 0 of %s", q->name, i,
                      show(&q->in[0], a));
    if (last < 0 || last >= extent)
      return gln_fail(q->error, EG_INVALID,
                      "%s: last index %lld of dimension %d is outside operand "
                      "0 of %s (offset %lld, size %lld, stride %lld)",
                      q->name, (ll)last, i, show(&q->in[0], a),
                      (ll)at->offsets.data[i], (ll)at->sizes.data[i],
                      (ll)at->strides.data[i]);
    out->dims[i] = at->sizes.data[i];
  }
  return status;
}

static eg_status infer_pad(const query *q, gln_shape *out) {
  const gln_op_attrs *at = q->attrs;
  text a;
  eg_status status = check_length(q, "low", at->low, out->rank);
  if (!status)
    status = check_length(q, "high", at->high, out->rank);
  for (int i = 0; i < out->rank && !status; ++i) {
    status = check_entry(q, "low", at->low, i, 0, GLN_MAX_EXTENT);
    if (!status)
      status = check_entry(q, "high", at->high, i, 0, GLN_MAX_EXTENT);
    if (!status)
      out->dims[i] += at->low.data[i] + at->high.data[i];
  }
  if (!status && at->value.type != out->type)
    return gln_fail(q->error, EG_INVALID,
                    "%s: value has type %s, but operand 0 is %s", q->name,
                    gln_type_name(at->value.type), show(&q->in[0], a));
  return status;
}

static eg_status infer_windows(const query *q, gln_shape *out) {
  const gln_op_attrs *at = q->attrs;
  const gln_shape *in = &q->in[0];
  int k = in->num_access, items = in->rank - k;
  eg_status status = check_length(q, "window", at->window, items);
  if (!status)
    status = check_length(q, "strides", at->strides, items);
  if (!status)
    status = check_length(q, "dilations", at->dilations, items);
  if (!status)
    status = check_rank(q, (int64_t)in->rank + items);
  for (int i = 0; i < items && !status; ++i) {
    status = check_entry(q, "window", at->window, i, 1, GLN_MAX_EXTENT);
    if (!status)
      status = check_entry(q, "strides", at->strides, i, 1, GLN_MAX_EXTENT);
    if (!status)
      status = check_entry(q, "dilations", at->dilations, i, 1, GLN_MAX_EXTENT);
    if (status)
      return status;
    text a;
    int64_t extent = in->dims[k + i];
    int64_t span = at->dilations.data[i] * (at->window.data[i] - 1) + 1;
    if (span > extent)
      return gln_fail(q->error, EG_INVALID,
                      "%s: window %d spans %lld elements, but item dimension "
                      "%d of operand 0 of %s has %lld",
                      q->name, i, (ll)span, i, show(in, a), (ll)extent);
    out->dims[k + i] = (extent - span) / at->strides.data[i] + 1;
    out->dims[k + items + i] = at->window.data[i];
  }
  if (status)
    return status;
  out->num_access = (uint8_t)(k + items);
  out->rank = (uint8_t)(k + 2 * items);
  return EG_OK;
}

//===-- Several operands, or none -----------------------------------------===//

static eg_status infer_concat(const query *q, gln_shape *out) {
  const gln_shape *a = &q->in[0], *b = &q->in[1];
  int64_t dim = q->attrs->dim;
  if (dim < 0 || dim >= a->rank)
    return bad_dim(q, dim, a->rank);
  if (a->type != b->type)
    return clash(q, 1, "element type");
  if (a->rank != b->rank || a->num_access != b->num_access)
    return clash(q, 1, "the number of dimensions");
  for (int i = 0; i < a->rank; ++i)
    if (i != dim && a->dims[i] != b->dims[i])
      return clash(q, 1, "a dimension that is not joined");
  out->dims[dim] += b->dims[dim];
  return EG_OK;
}

static eg_status infer_iota(const query *q, gln_shape *out) {
  int64_t dim = q->attrs->dim;
  text a;
  out->type = q->attrs->shape.type;
  eg_status status = target(q, out);
  if (status)
    return status;
  if (dim < 0 || dim >= out->rank)
    return gln_fail(q->error, EG_INVALID,
                    "%s: dim = %lld is not in [0, %d) for %s", q->name, (ll)dim,
                    out->rank, show(out, a));
  unsigned bits = gln_type_bits(out->type);
  if (gln_type_is_int(out->type) && bits < 32 &&
      (out->dims[dim] - 1) >> bits != 0)
    return gln_fail(q->error, EG_INVALID,
                    "%s: index %lld of dimension %lld of %s does not fit %s",
                    q->name, (ll)out->dims[dim] - 1, (ll)dim, show(out, a),
                    gln_type_name(out->type));
  return EG_OK;
}

static eg_status infer_pair(const query *q, gln_shape *out) {
  if (q->in[0].type != q->in[1].type)
    return clash(q, 1, "element type");
  if (!gln_shape_same_dims(&q->in[0], &q->in[1]))
    return clash(q, 1, "dimensions");
  return insert_dim(q, out, out->num_access, 2);
}

static eg_status infer_cartesian_product(const query *q, gln_shape *out) {
  const gln_shape *a = &q->in[0], *b = &q->in[1];
  int items = a->rank - a->num_access;
  if (a->type != b->type)
    return clash(q, 1, "element type");
  if (items != b->rank - b->num_access ||
      memcmp(a->dims + a->num_access, b->dims + b->num_access,
             (size_t)items * sizeof *a->dims) != 0)
    return clash(q, 1, "item dimensions");
  int k = a->num_access + b->num_access;
  eg_status status = check_rank(q, (int64_t)k + 1 + items);
  if (status)
    return status;
  memcpy(out->dims + a->num_access, b->dims, b->num_access * sizeof *b->dims);
  out->dims[k] = 2;
  memcpy(out->dims + k + 1, a->dims + a->num_access,
         (size_t)items * sizeof *a->dims);
  out->num_access = (uint8_t)k;
  out->rank = (uint8_t)(k + 1 + items);
  return EG_OK;
}

//===-- Computation -------------------------------------------------------===//

static const char *const kind_names[GLN_KIND_SCALAR] = {
#define GLN_X(id, name) name,
    GLN_KIND_TABLE(GLN_X)
#undef GLN_X
};

const char *gln_kind_name(int kind) {
  return kind < GLN_KIND_SCALAR
             ? kind_names[kind]
             : gln_scalar_op_info((gln_scalar_op)(kind - GLN_KIND_SCALAR))
                   ->name;
}

bool gln_kind_parse(const char *name, size_t length, int *out) {
  for (int kind = 0; kind < GLN_NUM_KINDS; ++kind) {
    const char *known = gln_kind_name(kind);
    if (strlen(known) == length && memcmp(known, name, length) == 0) {
      *out = kind;
      return true;
    }
  }
  return false;
}

static eg_status check_num(const query *q, size_t least, size_t most) {
  if (q->num >= least && q->num <= most)
    return EG_OK;
  return gln_fail(q->error, EG_INVALID, "%s: %zu operands, expected %zu to %zu",
                  q->name, q->num, least, most);
}

static eg_status check_accumulates(const query *q, size_t operand) {
  text a;
  gln_type from = q->in[operand].type, to = q->attrs->type;
  if (gln_type_widens_to(from, to))
    return EG_OK;
  return gln_fail(q->error, EG_INVALID,
                  "%s: operand %zu of %s does not widen to result type %s",
                  q->name, operand, show(&q->in[operand], a),
                  gln_type_name(to));
}

static eg_status check_equal_dims(const query *q) {
  for (size_t i = 1; i < q->num; ++i)
    if (!gln_shape_same_dims(&q->in[0], &q->in[i]))
      return clash(q, i, "dimensions");
  return EG_OK;
}

// One operand ((a…),(n,c…)): that its first item dimension is n.
static eg_status check_packed(const query *q, unsigned n) {
  const gln_shape *in = &q->in[0];
  text a;
  if (in->rank > in->num_access && in->dims[in->num_access] == (int64_t)n)
    return EG_OK;
  return gln_fail(q->error, EG_INVALID,
                  "%s: the only operand 0 of %s must have first item dimension "
                  "%u",
                  q->name, show(in, a), n);
}

static eg_status infer_dot(const query *q, gln_shape *out) {
  eg_status status = check_num(q, 1, 2);
  if (!status)
    status = q->num == 1 ? check_packed(q, 2) : check_equal_dims(q);
  for (size_t i = 0; i < q->num && !status; ++i)
    status = check_accumulates(q, i);
  drop_items(out);
  return status;
}

static eg_status infer_reduce(const query *q, gln_shape *out) {
  eg_status status = check_num(q, 1, 1);
  if (!status)
    status = check_accumulates(q, 0);
  if (status)
    return status;
  text a;
  int64_t count = gln_shape_num_item_elements(&q->in[0]);
  unsigned bits = gln_type_bits(out->type);
  if (q->attrs->kind == GLN_KIND_REDUCE_MEAN && gln_type_is_int(out->type) &&
      count >> (bits - 1) != 0)
    return gln_fail(q->error, EG_INVALID,
                    "%s: the %lld elements in an item of operand 0 of %s do "
                    "not fit %s",
                    q->name, (ll)count, show(&q->in[0], a),
                    gln_type_name(out->type));
  drop_items(out);
  return EG_OK;
}

static eg_status infer_softmax(const query *q, gln_shape *out) {
  text a;
  eg_status status = check_num(q, 1, 1);
  if (status)
    return status;
  if (gln_type_is_float(q->in[0].type) && out->type == q->in[0].type)
    return EG_OK;
  return gln_fail(q->error, EG_INVALID,
                  "%s: operand 0 of %s and result type %s must be one float "
                  "type",
                  q->name, show(&q->in[0], a), gln_type_name(out->type));
}

static eg_status infer_argmax(const query *q, gln_shape *out) {
  text a;
  eg_status status = check_num(q, 1, 1);
  if (status)
    return status;
  int64_t last = gln_shape_num_item_elements(&q->in[0]) - 1;
  unsigned bits = gln_type_bits(out->type);
  if (!gln_type_is_int(out->type) || (bits < 64 && last >> bits != 0))
    return gln_fail(q->error, EG_INVALID,
                    "%s: number %lld of an element of operand 0 of %s does not "
                    "fit result type %s",
                    q->name, (ll)last, show(&q->in[0], a),
                    gln_type_name(out->type));
  drop_items(out);
  return EG_OK;
}

static eg_status infer_elementwise(const query *q, gln_shape *out,
                                   gln_scalar_op op) {
  unsigned arity = gln_scalar_op_info(op)->arity;
  bool packed = arity > 1 && q->num == 1;
  gln_type types[GLN_SCALAR_MAX_ARITY];
  eg_status status =
      packed ? check_packed(q, arity) : check_num(q, arity, arity);
  if (!status)
    status = check_equal_dims(q);
  if (status)
    return status;
  for (unsigned i = 0; i < arity; ++i)
    types[i] = q->in[packed ? 0 : i].type;
  if (packed)
    remove_dim(out, out->num_access);
  return gln_scalar_op_check(op, types, arity, q->attrs->type, q->error);
}

static eg_status infer_compute(const query *outer, gln_shape *out) {
  query q = *outer;
  int kind = q.attrs->kind;
  if (kind < 0 || kind >= GLN_NUM_KINDS)
    return gln_fail(q.error, EG_INVALID, "%s: no kind %d", q.name, kind);
  q.name = gln_kind_name(kind);
  if (!gln_type_is_valid((int)q.attrs->type))
    return gln_fail(q.error, EG_INVALID, "%s: result has no type", q.name);
  out->type = q.attrs->type;
  switch (kind) {
  case GLN_KIND_DOT:
    return infer_dot(&q, out);
  case GLN_KIND_REDUCE_SUM:
  case GLN_KIND_REDUCE_PROD:
  case GLN_KIND_REDUCE_MAX:
  case GLN_KIND_REDUCE_MIN:
  case GLN_KIND_REDUCE_MEAN:
    return infer_reduce(&q, out);
  case GLN_KIND_SOFTMAX:
    return infer_softmax(&q, out);
  case GLN_KIND_ARGMAX:
    return infer_argmax(&q, out);
  default:
    return infer_elementwise(&q, out, (gln_scalar_op)(kind - GLN_KIND_SCALAR));
  }
}

static eg_status infer_call(const query *q, gln_shape *out) {
  const gln_scalar_body *body = q->attrs->body;
  text a;
  if (!body)
    return gln_fail(q->error, EG_INVALID, "%s: no body", q->name);
  eg_status status = gln_scalar_body_verify(body, q->error);
  if (!status)
    status = check_equal_dims(q);
  if (status)
    return status;
  if (body->num_args != q->num || body->num_results != 1)
    return gln_fail(q->error, EG_INVALID,
                    "%s: body of %u arguments and %u results, expected %zu "
                    "and 1",
                    q->name, body->num_args, body->num_results, q->num);
  for (size_t i = 0; i < q->num; ++i)
    if (body->arg_types[i] != q->in[i].type)
      return gln_fail(q->error, EG_INVALID,
                      "%s: operand %zu of %s is passed to an argument of type "
                      "%s",
                      q->name, i, show(&q->in[i], a),
                      gln_type_name((gln_type)body->arg_types[i]));
  for (unsigned i = 0; i < body->num_insts; ++i)
    if (body->insts[i].op == GLN_SCALAR_INDEX &&
        body->insts[i].bits >= out->rank)
      return gln_fail(q->error, EG_INVALID,
                      "%s: body reads index %llu, but operand 0 is %s", q->name,
                      (unsigned long long)body->insts[i].bits,
                      show(&q->in[0], a));
  out->type = gln_scalar_body_type(body, body->results[0]);
  return EG_OK;
}

//===-- Dispatch ----------------------------------------------------------===//

typedef eg_status (*rule)(const query *q, gln_shape *out);

static const rule rules[GLN_NUM_OPS] = {
    [GLN_OP_VIEW] = infer_view,
    [GLN_OP_TENSOR] = infer_tensor,
    [GLN_OP_SHIFT] = infer_shift,
    [GLN_OP_TRANSPOSE] = infer_transpose,
    [GLN_OP_RESHAPE] = infer_reshape,
    [GLN_OP_FLATTEN] = infer_flatten,
    [GLN_OP_SQUEEZE] = infer_squeeze,
    [GLN_OP_INSERT_AXIS] = infer_insert_axis,
    [GLN_OP_BROADCAST] = infer_broadcast,
    [GLN_OP_SLICE] = infer_slice,
    [GLN_OP_PAD] = infer_pad,
    [GLN_OP_WINDOWS] = infer_windows,
    [GLN_OP_CONCAT] = infer_concat,
    [GLN_OP_IOTA] = infer_iota,
    [GLN_OP_PAIR] = infer_pair,
    [GLN_OP_CARTESIAN_PRODUCT] = infer_cartesian_product,
    [GLN_OP_COMPUTE] = infer_compute,
    [GLN_OP_CALL] = infer_call,
};

eg_status gln_shape_infer(gln_op op, const gln_op_attrs *attrs,
                          const gln_shape *operands, size_t num_operands,
                          gln_shape *out, eg_error *error) {
  if ((int)op < 0 || (int)op >= GLN_NUM_OPS)
    return gln_fail(error, EG_INVALID, "no access op %d", (int)op);
  const gln_op_info *info = &infos[op];
  if (num_operands < info->min_operands || num_operands > info->max_operands)
    return gln_fail(error, EG_INVALID, "%s: %zu operands, expected %u to %u",
                    info->name, num_operands, info->min_operands,
                    info->max_operands);
  query q = {info->name, attrs, operands, num_operands, error};
  eg_error inner = {0};
  for (size_t i = 0; i < num_operands; ++i) {
    eg_status status = gln_shape_check(&operands[i], &inner);
    if (status)
      return gln_fail(error, status, "%s: operand %zu: %s", info->name, i,
                      inner.text);
  }
  gln_shape result = {0};
  if (num_operands)
    result = operands[0];
  eg_status status = rules[op](&q, &result);
  if (status)
    return status;
  status = gln_shape_check(&result, &inner);
  if (status)
    return gln_fail(error, status, "%s: result %s", info->name, inner.text);
  *out = result;
  return EG_OK;
}
