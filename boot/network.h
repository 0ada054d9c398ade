/* SPDX-License-Identifier: Apache-2.0
 *
 * Files from beside the loader where that came over a network: by HTTP or TFTP, from the server and the folder that the
 * firmware fetched the loader from itself. Nothing is asked of the network but the file.
 * Source: UEFI 2.10, section 24.3 (PXE Base Code Protocol); RFC 951 (BOOTP's packet), RFC 2132, 9.5 (option 67).
 */
#pragma once

#include "boot/loader.h"

/* What such a file may have: of TFTP three blocks of Ethernet's size. */
#define NETWORK_FILE_BYTES_MAX 4096

/* How long all of it may take; then the network card is stopped, as far as the firmware lets it be: the one on the
 * loader's path, or where none is there each one. */
#define NETWORK_ALARM_MS 30000

/* Whether the loader came so: by HTTP, or by IPv4 as TFTP's answer to a DHCP that the firmware still has. */
bool network_has_loader(const struct loader *loader);

/* The whole file `name` into fresh pages (EfiLoaderData, pages_free with *length), as files_read has it. A file above
 * NETWORK_FILE_BYTES_MAX is EFI_BUFFER_TOO_SMALL; EFI_UNSUPPORTED: the loader came by no network that we know; else
 * as boot/http.h has it, or the firmware says. */
EFI_STATUS network_read(const struct loader *loader, const char *name, void **bytes, uint64_t *length);
