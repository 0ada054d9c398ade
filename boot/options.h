/* SPDX-License-Identifier: Apache-2.0
 *
 * What a boot entry or a UEFI shell handed over, as the words of a command line (lib/conf.h). Pure. UTF-16 as the
 * firmware has it.
 * Source: UEFI 2.10, section 9.1 (LoadOptions: bytes of any kind); UEFI Shell 2.2, sections 3.3 (the command's name
 * comes first) and 2.3 (EFI_SHELL_PARAMETERS_PROTOCOL).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Load options to ASCII, up to a terminator. Anything but printable ASCII means that they are not a command line
 * (firmware puts a GUID there, for instance): 0. A first word that is the loader's own name is dropped: one that
 * ends in ".efi", or whose last part is, but for ".efi" and the case of letters, that of `own_path` (terminated;
 * NULL: unknown). Returns the number of characters in `text`, not terminated; what does not fit `capacity` is not a
 * command line either. */
size_t options_to_ascii(const void *options, size_t options_bytes, const uint16_t *own_path, char *text,
			size_t capacity);

/* Words that a shell has taken apart, each in quotes where it needs them; what is not ASCII in them becomes '?', which
 * no option has. `arguments` are terminated, and the first is not among them: it is the command's name. Returns as
 * options_to_ascii does; 0: there are none, or they do not fit. */
size_t options_from_arguments(const uint16_t *const *arguments, size_t count, char *text, size_t capacity);
