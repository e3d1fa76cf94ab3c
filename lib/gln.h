// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// libgln: the domain of Glenside in plain C11. Includes every public header.
#ifndef GLN_H
#define GLN_H

#include "design/choose.h"
#include "design/chosen.h"
#include "design/job.h"
#include "design/mapping.h"
#include "design/program.h"
#include "design/report.h"
#include "design/saturate.h"
#include "interp/array.h"
#include "interp/interp.h"
#include "interp/kernel_eval.h"
#include "interp/scalar_eval.h"
#include "kernel/instr_match.h"
#include "kernel/lang.h"
#include "kernel/spec.h"
#include "rules/rules.h"
#include "target/cost.h"
#include "target/instr.h"
#include "target/nest.h"
#include "target/reference.h"
#include "target/target.h"
#include "view/box.h"
#include "view/scalar.h"
#include "view/shape.h"
#include "view/type.h"
#include "view/view.h"

#endif
