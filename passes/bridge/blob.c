// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The container: head, checksum, deflate; fingerprints of functions and target.
#include "bridge/blob.h"

#include "cxx/glenside-cxx.h"
#include "dialect/access.h"
#include "view/try.h"

#include "mlir-c/BuiltinAttributes.h"
#include "mlir-c/BuiltinTypes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h> // deflate and CRC-32: what every reader has

static const char attribute_name[] = "glenside.egraph";
static const char magic[] = "GLENSIDE";
enum { VERSION = 1, HEAD_SIZE = 8 + 4 + 8 + 8 + 4, MAX_SIZE = INT32_MAX };

//===-- Hashes ------------------------------------------------------------===//

static const uint64_t hash_start = UINT64_C(0xcbf29ce484222325);

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t num) {
  const unsigned char *at = data;
  for (size_t i = 0; i < num; ++i) // FNV-1a
    hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
  return hash;
}

static uint64_t hash_numbers(uint64_t hash, const gln_target_number *numbers,
                             size_t num) {
  for (size_t i = 0; i < num; ++i)
    hash = hash_bytes(hash, &numbers[i].value, sizeof numbers[i].value);
  return hash;
}

static uint64_t hash_instr(uint64_t hash, const gln_instr *instr) {
  char text[512];
  int32_t words[] = {instr->form,   instr->unit,     instr->array,
                     instr->result, instr->any_type, instr->accumulates};
  gln_instr_print(instr, text, sizeof text);
  hash = hash_bytes(hash, instr->name, strlen(instr->name));
  hash = hash_bytes(hash, words, sizeof words);
  hash = hash_bytes(hash, instr->kinds, sizeof instr->kinds);
  hash = hash_bytes(hash, text, strlen(text));
  for (size_t i = 0; i < instr->num_operands; ++i)
    hash =
        hash_bytes(hash, (int32_t[]){instr->operands[i].type}, sizeof(int32_t));
  for (size_t i = 0; i < instr->num_dims; ++i)
    hash = hash_bytes(hash, &instr->dims[i].fixed, sizeof instr->dims[i].fixed);
  for (size_t i = 0; i < instr->num_bounds; ++i)
    hash =
        hash_bytes(hash, instr->bounds[i].text, strlen(instr->bounds[i].text));
  return hash;
}

uint64_t gln_target_hash(const gln_target *target) {
  uint64_t hash = hash_bytes(hash_start, target->name, strlen(target->name));
  hash = hash_numbers(hash, target->numbers, GLN_NUM_TARGET_NUMBERS);
  for (size_t i = 0; i < target->num_arrays; ++i)
    hash = hash_numbers(hash, target->arrays[i].numbers, GLN_NUM_ARRAY_NUMBERS);
  for (size_t i = 0; i < target->num_types; ++i) {
    const gln_type_rule *rule = &target->types[i];
    int32_t types[] = {rule->lhs, rule->rhs, rule->acc};
    hash = hash_bytes(hash, types, sizeof types);
    hash = hash_bytes(hash, &rule->mac_pj, sizeof rule->mac_pj);
  }
  for (size_t i = 0; target->instrs && i < target->instrs->num; ++i)
    hash = hash_instr(hash, &target->instrs->instrs[i]);
  return hash;
}

static void hash_text(MlirStringRef text, void *user) {
  uint64_t *hash = user;
  *hash = hash_bytes(*hash, text.data, text.length);
}

// Of the op as text. Weights that are resources count by their keys: no value of
// theirs decides anything here.
static uint64_t fingerprint(MlirOperation op) {
  uint64_t hash = hash_start;
  MlirOpPrintingFlags flags = mlirOpPrintingFlagsCreate();
  mlirOpPrintingFlagsUseLocalScope(flags);
  mlirOperationPrintWithFlags(op, flags, hash_text, &hash);
  mlirOpPrintingFlagsDestroy(flags);
  return hash;
}

//===-- Functions ---------------------------------------------------------===//

static MlirStringRef symbol_of(MlirOperation op) {
  MlirAttribute name =
      mlirOperationGetAttributeByName(op, gln_string("sym_name"));
  return mlirAttributeIsNull(name) ? gln_string("")
                                   : mlirStringAttrGetValue(name);
}

static MlirOperation first_op(MlirOperation module) {
  MlirRegion region = mlirOperationGetRegion(module, 0);
  return mlirBlockGetFirstOperation(mlirRegionGetFirstBlock(region));
}

static eg_status put_functions(MlirOperation module, gln_bytes *out) {
  uint64_t num = 0;
  for (MlirOperation op = first_op(module); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    ++num;
  GLN_TRY(gln_bytes_put_number(out, num));
  for (MlirOperation op = first_op(module); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    MlirStringRef name = symbol_of(op);
    GLN_TRY(gln_bytes_put_number(out, name.length));
    GLN_TRY(gln_bytes_put(out, name.data, name.length));
    GLN_TRY(gln_bytes_put_number(out, fingerprint(op)));
  }
  return EG_OK;
}

static const char again[] = "; run --saturate again";

// Ops of the module in order against those that were saturated.
static bool check_functions(MlirOperation module, gln_reader *from) {
  MlirOperation op = first_op(module);
  uint64_t num = gln_reader_number(from);
  for (uint64_t i = 0; i < num && !from->failed; ++i) {
    size_t length = (size_t)gln_reader_number(from);
    const char *name = gln_reader_take(from, length);
    uint64_t hash = gln_reader_number(from);
    if (from->failed)
      break;
    MlirStringRef want = mlirStringRefCreate(name, length);
    if (mlirOperationIsNull(op))
      return gln_error(mlirOperationGetLocation(module),
                       "@%.*s is gone since --saturate%s", (int)length, name,
                       again);
    if (!mlirStringRefEqual(symbol_of(op), want))
      return gln_error(mlirOperationGetLocation(op),
                       "@%.*s stands where @%.*s was saturated%s",
                       (int)symbol_of(op).length, symbol_of(op).data,
                       (int)length, name, again);
    if (fingerprint(op) != hash)
      return gln_error(mlirOperationGetLocation(op),
                       "@%.*s changed since --saturate%s", (int)length, name,
                       again);
    op = mlirOperationGetNextInBlock(op);
  }
  if (!from->failed && !mlirOperationIsNull(op))
    return gln_error(mlirOperationGetLocation(op),
                     "@%.*s is new since --saturate%s",
                     (int)symbol_of(op).length, symbol_of(op).data, again);
  return true;
}

//===-- Head --------------------------------------------------------------===//

static void put_fixed(unsigned char *at, uint64_t value, size_t num) {
  for (size_t i = 0; i < num; ++i)
    at[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_fixed(const unsigned char *at, size_t num) {
  uint64_t value = 0;
  for (size_t i = num; i-- > 0;)
    value = value << 8 | at[i];
  return value;
}

static eg_status put_content(MlirOperation module, const gln_lang *lang,
                             const gln_blob *head, gln_bytes *out,
                             eg_error *error) {
  size_t length = strlen(head->target);
  GLN_TRY(gln_bytes_put_number(out, length));
  GLN_TRY(gln_bytes_put(out, head->target, length));
  GLN_TRY(gln_bytes_put_number(out, head->target_hash));
  GLN_TRY(gln_bytes_put_number(out, sizeof head->report));
  GLN_TRY(gln_bytes_put(out, &head->report, sizeof head->report));
  GLN_TRY(put_functions(module, out));
  return gln_graph_save(lang, out, error);
}

// False: the attribute is not what put_content writes.
static bool take_content(gln_blob *blob) {
  gln_reader *from = &blob->nodes;
  size_t length = (size_t)gln_reader_number(from);
  const char *target = gln_reader_take(from, length);
  if (!target || length >= sizeof blob->target)
    return false;
  memcpy(blob->target, target, length);
  blob->target_hash = gln_reader_number(from);
  size_t size = (size_t)gln_reader_number(from);
  const void *report = gln_reader_take(from, size);
  if (!report || size != sizeof blob->report)
    return false;
  memcpy(&blob->report, report, size);
  return true;
}

//===-- The attribute -----------------------------------------------------===//

static void free_block(void *user, const void *data, size_t size,
                       size_t align) {
  (void)data, (void)size, (void)align;
  free(user);
}

// Head and deflated content, malloc'ed; NULL: no memory.
static unsigned char *pack(const gln_bytes *content, size_t *out_size) {
  uLongf packed = compressBound((uLong)content->num);
  unsigned char *block = malloc(HEAD_SIZE + packed);
  if (!block)
    return NULL;
  if (compress2(block + HEAD_SIZE, &packed, content->data, (uLong)content->num,
                6) != Z_OK) {
    free(block);
    return NULL;
  }
  memcpy(block, magic, 8);
  put_fixed(block + 8, VERSION, 4);
  put_fixed(block + 12, content->num, 8);
  put_fixed(block + 20, packed, 8);
  put_fixed(block + 28, crc32(0, content->data, (uInt)content->num), 4);
  *out_size = HEAD_SIZE + packed;
  return block;
}

eg_status gln_blob_write(MlirOperation module, const gln_lang *lang,
                         const gln_blob *head, eg_error *error) {
  MlirContext context = mlirOperationGetContext(module);
  gln_bytes content = {.memory = eg_allocator_default()};
  size_t size = 0;
  gln_blob_remove(module);
  eg_status status = put_content(module, lang, head, &content, error);
  unsigned char *block = NULL;
  if (status == EG_OK && content.num <= MAX_SIZE)
    block = pack(&content, &size);
  gln_bytes_fini(&content);
  if (!block)
    return gln_fail(error, EG_NO_MEMORY, "no memory to keep a graph");
  char key[32];
  snprintf(key, sizeof key, "glenside_%016" PRIx64,
           hash_bytes(hash_start, block, size));
  int64_t extent = (int64_t)size;
  MlirType type = mlirRankedTensorTypeGet(
      1, &extent, mlirIntegerTypeGet(context, 8), mlirAttributeGetNull());
  MlirAttribute attribute = mlirUnmanagedDenseResourceElementsAttrGet(
      type, gln_string(key), block, size, 1, false, free_block, block);
  mlirOperationSetAttributeByName(module, gln_string(attribute_name),
                                  attribute);
  return EG_OK;
}

void gln_blob_remove(MlirOperation module) {
  mlirOperationRemoveAttributeByName(module, gln_string(attribute_name));
}

static bool unpack(MlirLocation where, const gln_data *data, gln_blob *out) {
  const unsigned char *at = data->bytes;
  if (data->num_bytes < HEAD_SIZE || memcmp(at, magic, 8) != 0)
    return gln_error(where, "'%s' is no graph of --saturate", attribute_name);
  uint64_t version = get_fixed(at + 8, 4), size = get_fixed(at + 12, 8);
  uint64_t packed = get_fixed(at + 20, 8);
  if (version != VERSION)
    return gln_error(where,
                     "'%s' has version %" PRIu64 ", this tool reads %d%s",
                     attribute_name, version, VERSION, again);
  if (packed != data->num_bytes - HEAD_SIZE || size > MAX_SIZE)
    return gln_error(where,
                     "'%s' is cut off: %zu bytes where its head says %" PRIu64,
                     attribute_name, data->num_bytes - HEAD_SIZE, packed);
  uLongf length = (uLongf)size;
  eg_allocator memory = eg_allocator_default();
  out->bytes = (gln_bytes){.memory = memory, .num = size, .capacity = size};
  out->bytes.data = memory.resize(memory.user, NULL, 0, size ? size : 1);
  if (!out->bytes.data)
    return gln_error(where, "no memory for a graph of %" PRIu64 " bytes", size);
  if (uncompress(out->bytes.data, &length, at + HEAD_SIZE, (uLong)packed) !=
          Z_OK ||
      length != size ||
      crc32(0, out->bytes.data, (uInt)size) != get_fixed(at + 28, 4))
    return gln_error(where, "'%s' is damaged: its checksum does not fit%s",
                     attribute_name, again);
  out->nodes = (gln_reader){.at = out->bytes.data, .left = size};
  return true;
}

bool gln_blob_read(MlirOperation module, gln_blob *out) {
  MlirLocation where = mlirOperationGetLocation(module);
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(module, gln_string(attribute_name));
  gln_data data;
  memset(out, 0, sizeof *out);
  out->bytes.memory = eg_allocator_default();
  if (mlirAttributeIsNull(attribute))
    return gln_error(where, "no '%s' on the module; run --saturate first",
                     attribute_name);
  gln_data_status status = gln_data_get(attribute, &data);
  if (status != GLN_DATA_OK || data.is_splat || data.element_bytes != 1)
    return gln_error(where, "'%s' %s", attribute_name,
                     status == GLN_DATA_OK ? "is no graph of --saturate"
                                           : gln_data_status_text(status));
  // The functions were saturated without the attribute, which they do not see.
  bool ok = unpack(where, &data, out);
  if (ok && !take_content(out))
    ok = gln_error(where, "'%s' is of another build of this tool%s",
                   attribute_name, again);
  if (ok)
    ok = check_functions(module, &out->nodes);
  if (!ok)
    gln_blob_fini(out);
  return ok;
}

void gln_blob_fini(gln_blob *blob) {
  gln_bytes_fini(&blob->bytes);
}
