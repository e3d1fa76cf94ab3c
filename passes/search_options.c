// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the options of a pass ask for.
#include "search_options.h"

gln_saturate_request gln_saturate_request_of(gln_pass_context *pass) {
  return (gln_saturate_request){
      .target = gln_pass_string(pass, "target"),
      .rules = gln_pass_string(pass, "rules"),
      .without = gln_pass_string(pass, "no-rule"),
      .precision = gln_pass_string(pass, "precision"),
      .max_nodes = gln_pass_int(pass, "max-nodes"),
      .max_bytes = gln_pass_int(pass, "max-bytes"),
      .max_rounds = gln_pass_int(pass, "max-rounds"),
      .max_seconds = gln_pass_real(pass, "max-seconds"),
      .threads = gln_pass_int(pass, "threads"),
      .max_matches = gln_pass_int(pass, "max-matches"),
  };
}

gln_extract_request gln_extract_request_of(gln_pass_context *pass) {
  return (gln_extract_request){
      .objective = gln_pass_string(pass, "objective"),
      .method = gln_pass_string(pass, "method"),
      .plugin = gln_pass_string(pass, "plugin"),
      .seconds = gln_pass_real(pass, "seconds"),
      .seed = gln_pass_int(pass, "seed"),
      .report = gln_pass_string(pass, "report"),
      .table = gln_pass_bool(pass, "table"),
      .runs = gln_pass_string(pass, "runs"),
      .measure = gln_pass_string(pass, "measure"),
  };
}
