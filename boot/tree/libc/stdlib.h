/* SPDX-License-Identifier: Apache-2.0
 *
 * libfdt's headers include it; what we take of libfdt calls nothing in it.
 */
#pragma once
