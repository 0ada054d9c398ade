/* SPDX-License-Identifier: Apache-2.0
 *
 * A channel for records beside the UART: a virtio console behind a virtio-mmio transport, where the launcher names
 * one with the key `record-port=virtio-mmio:ADDRESS`. A UART costs a trip to the host for every byte, this a trip for
 * every page: under a host that emulates the kernel that is the difference between seconds and milliseconds.
 *
 * Source: Virtual I/O Device (VIRTIO) 1.2: 2.7 (split virtqueues), 3.1 (initialisation), 4.2 (MMIO), 5.3 (console).
 * Port 0's transmit queue is all that is used; the device interrupts nobody.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Finds the console at the transport that `key` names, or at one of the transports below it (monitors fill them from
 * the top). false: there is none. */
bool recorder_start(const char *key);

/* Whether records go there. */
bool recorder_present(void);

/* Sends `length` bytes at a mapped address; they are the host's when it returns. A device that does not take them in
 * time is given up. */
void recorder_write(uint64_t address, uint64_t length);
