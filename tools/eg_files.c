// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Files and messages of eg.
#include "eg_tool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Reads to the end; NULL with errno on failure.
static char *read_all(FILE *file, size_t *out_size) {
  size_t cap = 1 << 16, num = 0;
  char *text = malloc(cap);
  while (text) {
    num += fread(text + num, 1, cap - num - 1, file);
    if (num + 1 < cap)
      break;
    char *more = realloc(text, 2 * cap);
    if (!more)
      free(text);
    text = more;
    cap *= 2;
  }
  if (text && ferror(file)) {
    free(text);
    return NULL;
  }
  if (text)
    text[num] = '\0';
  *out_size = num;
  return text;
}

char *tool_read(const char *path, size_t *out_size) {
  bool is_input = strcmp(path, "-") == 0;
  errno = 0;
  FILE *file = is_input ? stdin : fopen(path, "rb");
  char *text = file ? read_all(file, out_size) : NULL;
  if (!text)
    fprintf(stderr, "eg: cannot read %s: %s\n", path, strerror(errno));
  if (file && !is_input)
    fclose(file);
  return text;
}

int tool_fail(const char *path, const eg_error *error) {
  if (error->line)
    fprintf(stderr, "%s:%" PRIu32 ":%" PRIu32 ": error: %s\n", path,
            error->line, error->column, error->text);
  else
    fprintf(stderr, "%s: error: %s\n", path, error->text);
  return TOOL_FAILED;
}

FILE *tool_open_output(const tool_options *options) {
  if (!options->output)
    return stdout;
  FILE *file = fopen(options->output, "wb");
  if (!file)
    fprintf(stderr, "eg: cannot write %s: %s\n", options->output,
            strerror(errno));
  return file;
}

int tool_close_output(const tool_options *options, FILE *file, int status) {
  bool bad = fflush(file) != 0 || ferror(file);
  if (file != stdout)
    bad |= fclose(file) != 0;
  if (bad)
    fprintf(stderr, "eg: cannot write %s\n",
            options->output ? options->output : "to standard output");
  if ((bad || status) && options->output)
    remove(options->output);
  return bad ? TOOL_FAILED : status;
}

bool tool_write(void *user, const char *text, size_t size) {
  return fwrite(text, 1, size, user) == size;
}
