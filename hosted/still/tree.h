/* SPDX-License-Identifier: Apache-2.0
 *
 * The files below /proc and /sys, or below a folder that stands for a machine's root. What is in them is a stranger's:
 * plain files alone, never more of one than was asked for, nothing but printable ASCII.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TREE_PATH = 512 };

struct tree {
	const char *root; /* what stands before "/proc"; "": this machine. Not owned. */
};

/* ROOT/FORMAT. false: it is too long, or leads out by "..". */
bool tree_path(const struct tree *tree, char path[TREE_PATH], const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What the file has, cut at `capacity`, terminated; lines stay, other bytes become '?'. false: it is absent, no plain
 * file, empty or may not be read. */
bool tree_read(const struct tree *tree, char *text, size_t capacity, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* As they are, of a file or of a variable of the firmware's; how many, of `capacity` at the most. */
size_t tree_bytes(const struct tree *tree, void *bytes, size_t capacity, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Where a symbolic link leads, as it says. false: it is none. */
bool tree_link(const struct tree *tree, char target[TREE_PATH], const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether there is such a file or folder. */
bool tree_has(const struct tree *tree, const char *name);

/* The first line, without blanks around it; empty where there is none. */
bool tree_line(const struct tree *tree, char *line, size_t capacity, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same, where it is one word as the kernel names things: lower-case letters, digits, _ and -. */
bool tree_word(const struct tree *tree, char *word, size_t capacity, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A whole number that is not negative, at the begin of the file. */
bool tree_number(const struct tree *tree, uint64_t *number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Calls each(argument, name) for the names in a folder that do not begin with '.', 65,536 at the most. false: there is
 * no such folder. */
bool tree_list(const struct tree *tree, const char *folder, void (*each)(void *argument, const char *name),
	       void *argument);
