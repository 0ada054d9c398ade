/* SPDX-License-Identifier: Apache-2.0
 *
 * What a boot entry or a UEFI shell handed over as load options, as the words of a command line. Pure.
 * Source: UEFI 2.10, section 9.1 (LoadOptions: bytes of any kind); UEFI Shell 2.2, section 3.3 (the command's name
 * comes first).
 */
#pragma once

#include <stddef.h>

/* UTF-16 to ASCII, up to a terminator. Anything but printable ASCII means that these options are not a command line
 * (firmware puts a GUID there, for instance): 0. A first word that ends in ".efi" is the loader's own name and is
 * dropped. Returns the number of characters in `text`, not terminated; what does not fit `capacity` is not a command
 * line either. */
size_t options_to_ascii(const void *options, size_t options_bytes, char *text, size_t capacity);
