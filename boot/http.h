/* SPDX-License-Identifier: Apache-2.0
 *
 * Files from beside a loader that the firmware fetched by HTTP, by the firmware's own HTTP: the same address but for
 * the file's name, from the same address of ours. Used by network.h alone.
 * Source: UEFI 2.10, sections 24.7 (HTTP boot), 10.3.4.23 (the URI's node) and 29.6 (HTTP protocol); RFC 9110, 8.6.
 */
#pragma once

#include "boot/loader.h"

/* How long an answer may take in all, beyond what the firmware waits for within its calls. */
#define HTTP_WAIT_MS 20000

/* Whether the loader came so: its device's path has the address of a file. */
bool http_has_loader(const struct loader *loader);

/* As network_read, into `bytes` of `capacity`. EFI_NOT_FOUND, EFI_HTTP_ERROR: the server has not, or does not give it;
 * EFI_BUFFER_TOO_SMALL: it is longer; EFI_PROTOCOL_ERROR: an answer that does not say its length; EFI_TIMEOUT; else as
 * the firmware says. */
EFI_STATUS http_read(const struct loader *loader, const char *name, void *bytes, uint64_t capacity, uint64_t *length);
