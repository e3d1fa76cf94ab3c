// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a compiled program needs besides sa.h: the device that it runs on, and a
// place for what went wrong, since its functions return nothing.
//
//   sa_program_use(dev);                  // or let it open one of its own
//   forward(...);                         // compiled
//   if (sa_program_error()->status != SA_OK) puts(sa_program_error()->text);
//
// All state is of the calling thread.
#ifndef SA_PROGRAM_H
#define SA_PROGRAM_H

#include "sa.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- Called by compiled programs ---------------------------------------===//

// What a program was compiled for.
typedef struct sa_point {
  const char *target; // its name, for messages
  sa_hw hw;
  uint32_t in, acc; // sa_type
} sa_point;

// The device to run on: the one of sa_program_use if it suits, else one of this
// thread, opened when it is first wanted, with the backend "func". A device
// suits when it has the same array, lanes and types, at least the memories and
// the capabilities. NULL, which every command refuses, when it does not suit or
// cannot be opened; the error says which number differs.
SA_API sa_dev *sa_program_device(const sa_point *point);

// Waits for all commands; keeps the first failure. |layer| (may be NULL, must
// live until sa_program_watch's function returns) says what has been done.
SA_API void sa_program_wait(sa_dev *dev, const char *layer);

//===-- Called by who runs them -------------------------------------------===//

// Programs of this thread run on |dev|, which stays the caller's; NULL: on
// devices of their own.
SA_API void sa_program_use(sa_dev *dev);

// The first failure since the last sa_program_reset; status SA_OK if none. In
// text the layer comes first.
SA_API const sa_error *sa_program_error(void);

// Calls |visit| at every sa_program_wait with the counters since the one before;
// NULL: no more.
typedef void (*sa_program_visit)(void *user, const char *layer,
                                 const sa_counters *since);
SA_API void sa_program_watch(sa_program_visit visit, void *user);

// Closes the devices that this thread's programs opened, forgets the error.
SA_API void sa_program_reset(void);

#ifdef __cplusplus
}
#endif
#endif
