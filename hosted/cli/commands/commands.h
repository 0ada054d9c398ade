/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands, each in a file of its name beside this one: argv[0] is the command's name; each returns the exit
 * status. hosted/main.c lists them, hosted/cli/help_pages.c says what each takes.
 */
#pragma once

int command_ab(int argc, char **argv);
int command_apply(int argc, char **argv);
int command_baseline(int argc, char **argv);
int command_caps(int argc, char **argv);
int command_collect(int argc, char **argv);
int command_compare(int argc, char **argv);
int command_completion(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_export(int argc, char **argv);
int command_help(int argc, char **argv);
int command_history(int argc, char **argv);
int command_layout(int argc, char **argv);
int command_man(int argc, char **argv);
int command_new_suite(int argc, char **argv);
int command_noise(int argc, char **argv);
int command_os_tax(int argc, char **argv);
int command_record(int argc, char **argv);
int command_advise(int argc, char **argv);
int command_snippet(int argc, char **argv);
int command_stream(int argc, char **argv);
int command_report(int argc, char **argv);
int command_tune(int argc, char **argv);
int command_version(int argc, char **argv);
int command_watch(int argc, char **argv);
