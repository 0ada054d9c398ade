/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether this build has the address sanitizer, which must be told of changes of stacks; without it these are nothing.
 */
#pragma once

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOSTED_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HOSTED_SANITIZED 1
#endif

#ifdef HOSTED_SANITIZED
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define HOSTED_SANITIZED                                    0
#define __sanitizer_start_switch_fiber(save, bottom, size)  ((void)(bottom), (void)(size))
#define __sanitizer_finish_switch_fiber(save, bottom, size) ((void)(bottom), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size)          ((void)(address), (void)(size))
#endif
