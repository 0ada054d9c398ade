/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/help.h"

#define OUT \
	{ "out", "FILE", "write there (-o); without it, or -, standard output" }
#define JUDGE_OPTIONS                                                                                                  \
	{"noise-threshold", "X", "the whole interval must lie beyond it (0.01)"},                                      \
		{"significance-level", "X", "p, corrected for the number of benchmarks, must be below (0.05)"},        \
		{"effect", "X", "a change of this size must not be missed, else inconclusive (0.05)"},                 \
		{"room", "WORD", "the least room: silent, quiet, usable or loud, else inconclusive (any)"},            \
		{"per-benchmark", "FILE", "noise thresholds by benchmark, lines `NAME-OR-GLOB = X`"}, {                \
		"launches", "FILE", "deviations between launches, as `ab --save-launches` writes them (where it does)" \
	}
#define JUDGE_FORMAT \
	{ "format", "FORMAT", "table, markdown (for a pull request) or json (table)" }
#define READ_STATUS "0 done, 2 usage, or a file that cannot be read or written"

const struct help_page help_pages[] = {
	{.command = "run",
	 .synopsis = "[OPTION...] [FILTER...]",
	 .text = "A filter is a part of a name, or a glob (* ? [a-z]) of a whole one; several: any of them. Without "
		 "one,\n"
		 "the headline benchmarks run, which `list` marks with *; with --all, every one but those under "
		 "machine/:\nthese are meant by filters that begin so.\n",
	 .takes_run_options = true,
	 .status = "0 all well, 1 a regression, 2 usage or unsaved results, 3 inconclusive, 4 a benchmark failed or "
		   "hung"},
	{.command = "list",
	 .synopsis = "[OPTION...] [FILTER...]",
	 .text = "Name, * where it runs without being asked for, and what one iteration is. Filters as for run.\n",
	 .takes_list_options = true,
	 .status = "0 done, 2 usage error or no benchmark matches"},
	{.command = "caps",
	 .synopsis = "[OPTION...]",
	 .summary = "what this machine is: cores, caches, TLBs, features, memory, each with its source",
	 .text = "Needs no privileges; what only root may read is named. Serial numbers and host names are not read.\n"
		 "Ends with advice; `told only` is what nothing measured.\n"
		 "With --cpuid, of the machine that a dump is of: `cpuid -r`, AIDA64 or InstLatx64, libcpuid's raw.\n"
		 "With --results, of a run's machine: caches and TLBs told, read, measured, and whether these agree.\n",
	 .options = {{"cpuid", "FILE", "a dump of CPUID in this machine's place"},
		     {"acpi", "FOLDER", "its ACPI tables, a file each, as acpidump -b writes them"},
		     {"results", "FILE", "results.json of a run with `ladder`, in this machine's place"},
		     {"format", "FORMAT", "table, json or hwloc-xml, for `lstopo -i FILE` (table)"},
		     OUT},
	 .status = READ_STATUS},
	{.command = "ladder",
	 .synopsis = "[OPTION...] [FILTER...]",
	 .summary = "how long a load takes over the size of what is read: the levels of the memory",
	 .text = "Runs the rows machine/latency/PAGE/line/SIZE, from 1 KiB to 1 GiB or half of the memory, in pages of "
		 "4\n"
		 "KiB, 2 MiB and 1 GiB, and sizes between them where the curve rises; with --quick to 256 MiB, in "
		 "some\n"
		 "15 s. Takes the options of run.\n"
		 "Last come the picture, which the terminal's width makes wider or narrower (80 columns at the most, "
		 "as in\n"
		 "a pipe), and the levels, each with its latency and size, in intervals: one number before the "
		 "interval is\n"
		 "the size that a cache can have there; `in a ramp` is a level that ends bit by bit; `as told` and "
		 "`told` set\n"
		 "what the processor says beside it. In the picture a colon is where a level ends, ~ a size without a "
		 "name,\n"
		 "? one that is uncertain. docs/methodology.md says how they are found, and what makes one "
		 "uncertain.\n"
		 "The rows are not shown but with --rows; results.json has them in any case.\n",
	 .takes_run_options = true,
	 .status = "as for run"},
	{.command = "noise",
	 .synopsis = "[OPTION...]",
	 .summary = "how quiet this machine is: time that its cores do not get, and when",
	 .text = "All cores at once do nothing but look at the clock. A *detour* is a step from one look to the next "
		 "that\n"
		 "is longer than nine of the shortest; those over 1 us are what Linux's hwnoise counts. Then the same "
		 "work\n"
		 "many times, and what is done in equal times, each for a tenth as long, 1 s and 6.5 s at the most.\n"
		 "Periods are named where they stand out. docs/methodology.md says how, and what can be told of "
		 "causes.\n"
		 "With -o, what there is so far is saved every 5 s.\n",
	 .options = {{"duration", "SECONDS", "to look for (60)"},
		     {"quick", NULL, "10 s"},
		     {"still", NULL, "hold the machine still meanwhile, and put it back (`run --help`)"},
		     {"plant", "EVERY:LENGTH",
		      "disturb the first core on purpose, as 10ms:100us, and say what is found of it"},
		     {"format", "FORMAT", "table or json (table)"},
		     OUT},
	 .status = "0 done, 2 usage, or a file that cannot be written, 3 a clock went back, 4 a core was lost, "
		   "130 or 143 ended"},
	{.command = "doctor",
	 .synopsis = "[OPTION...] [--report [LOG]]",
	 .summary = "what on this machine makes figures worse, from worst to least, and what mends it",
	 .text = "Reads /proc and /sys, and changes nothing. Each has the command that mends it, and what it is worth "
		 "here:\n"
		 "what was seen while this watched for half a second, else `unmeasured`. The order is that of classes, "
		 "not\n"
		 "measured here. `not told` is what the machine does not say, which is not the same as fine.\n"
		 "--report prints another thing, Markdown to send along when the image did not run as it should: what\n"
		 "the machine is, without serial numbers, addresses, and names of hosts, users and disks. With a log "
		 "or\n"
		 "results of the image also what the image found; whole for root alone.\n",
	 .options = {{"cpu", "N", "of this core (the last one allowed)"},
		     {"all", NULL, "what is fine and what is not told, each with what was found"},
		     {"measure", NULL, "whether --still helps: time lost with it and without, alternately"},
		     {"duration", "SECONDS", "of --measure, for each of the two (2)"},
		     {"report", NULL,
		      "the report of docs/hardware.md, filled in; LOG: the image's own, or its results"},
		     {"restore", NULL, "put back what --still changed, where it was killed before it could"},
		     {"root", "FOLDER", "the folder with proc/ and sys/ of a machine, in this one's place"},
		     {"format", "FORMAT", "table or json (table)"},
		     OUT},
	 .status =
		 "0 nothing makes figures worse, 1 something does, 2 usage, or no such core, 3 nothing could be read"},
	{.command = "tune",
	 .synopsis = "[OPTION...]",
	 .summary =
		 "which method the code of simd/ should use on this machine, by size, and what it costs its neighbours",
	 .text = "Measures every method that this CPU runs, of every operation, from 1 B to 256 KiB, aligned and not, "
		 "in\n"
		 "the first-level cache and cold, all of them in turn; some 25 s. Last, with glibc on x86_64, the "
		 "line\n"
		 "GLIBC_TUNABLES=... to start other programs with, and what it gains them.\n"
		 "For mixed use a method must lose nothing among other code, at single calls of 10 % duty; for bulk "
		 "use\n"
		 "the fastest by itself is taken. `run --profile FILE`, --save and --header make use of the answer.\n"
		 "\n"
		 "The table: a line is a range of sizes, without its end, rounded to three digits. The built-in "
		 "method is\n"
		 "what simd_select takes without a profile, and stays where nothing else is faster for sure. Of a "
		 "chosen\n"
		 "one there are changes of time, in percent, to the method that it is taken instead of, below 0 is "
		 "faster:\n"
		 "means over the range's sizes and places in memory with their 95 % intervals, `in L1` and `cold`, "
		 "which is\n"
		 "beyond it; the choice goes by the first, and by the second to a tenth. `company` is the farther "
		 "end of\n"
		 "the interval for a call and the additions around it, at the worst size; what gains alone only may "
		 "lose\n"
		 "there. `undecided` are cells that hold both no difference and one of 2 %. Copies of each width "
		 "between\n"
		 "additions come last: `no price` where all agree within 1 %, `undecided` where it was too loud to "
		 "say.\n"
		 "docs/methodology.md has the rules.\n",
	 .options = {{"for", "USE", "mixed or bulk (mixed)"},
		     {"thorough", NULL, "sizes to 64 MiB and second-level caches, too; 9 minutes"},
		     {"in-caches", NULL, "nothing beyond second-level caches: what a guest shares with nobody"},
		     {"budget", "SECONDS",
		      "for everything (25): fewer rounds, wider intervals; no less than all needs"},
		     {"seed", "N", "of the order in which is measured (1)"},
		     {"still", NULL, "hold the machine still meanwhile, and put it back (`run --help`)"},
		     {"header", "FILE", "simd_profile.h, a C initialiser to compile in"},
		     {"save", NULL, "runs on this machine take it from now on"},
		     {"reset", NULL, "remove what --save kept, and measure nothing"},
		     {"format", "FORMAT", "table or json (table)"},
		     {"out", "FILE", "profile.json; - is standard output"}},
	 .status =
		 "0 chosen, 2 usage or tool error, 3 too loud to choose for what a line names, which keeps "
		 "the\nbuilt-in method; the rest is chosen, 4 a method failed, 130 or 143 ended,\nand nothing is kept"},
	{.command = "collect",
	 .synopsis = "LOG|FOLDER [-o FILE|FOLDER]",
	 .summary = "records of a console or of anechoic.log into results.json, or profile.json",
	 .text = "LOG is a capture of a console, or anechoic.log; - is standard input. No finished record is lost by "
		 "damage\n"
		 "to others. What `tune` wrote last becomes profile.json.\n"
		 "Of a folder each *.log in it and below becomes a *.json beside it, or in the folder of -o as it lies "
		 "in\n"
		 "this one. One without a record is named, and the rest is done.\n",
	 .options = {OUT},
	 .status = "0 all runs complete, 2 usage, no run in one, or a file that cannot be read or written,\n4 a "
		   "benchmark "
		   "failed or hung, or a run was cut off"},
	{.command = "compare",
	 .synopsis = "[OPTION...] A B [C...]",
	 .summary = "results.json, or folders of them, against each other: changes and verdicts",
	 .text = "Each of the others against A. A folder holds many launches of one version, a *.json each; in order "
		 "of\n"
		 "their names they pair up with the other's. A file is one launch: how much launches differ must be "
		 "known\n"
		 "from a folder on the other side or from `ab --save-launches`, or the answer is inconclusive.\n"
		 "docs/methodology.md says how it is judged.\n",
	 .options = {{"platforms", NULL, "other machines, platforms and clocks side by side, without verdicts"},
		     JUDGE_OPTIONS,
		     JUDGE_FORMAT},
	 .status =
		 "0 no regression, 1 a regression, 2 usage, or not comparable, 3 inconclusive or missing, 4 failed or\n"
		 "hung in a later one"},
	{.command = "ab",
	 .synopsis = "[OPTION...] 'COMMAND_A' 'COMMAND_B'",
	 .summary = "two commands, launched in turn: changes and verdicts",
	 .text = "Each command writes a results.json: `{out}` in it is replaced by the file's name, else ` --out FILE` "
		 "is\nappended. anechoic ab 'old/anechoic run tlb' 'new/anechoic run tlb'\n"
		 "It may write what others do, too: './bench --benchmark_out={out}' (Google Benchmark), 'hyperfine -n "
		 "NAME\n"
		 "--export-json {out} CMD', 'CRITERION_HOME={out} cargo bench' (Criterion.rs); docs/formats.md.\n",
	 .options = {{"pairs", "N", "launches of each, at least (15; at least 6 for a verdict)"},
		     {"pairs-max", "N", "more, while changes of twice the noise threshold would be missed (60)"},
		     {"seed", "N", "of the order (from the clock; printed)"},
		     {"limit", "SECONDS", "of one launch (600)"},
		     {"budget", "SECONDS", "of all launches: no pair begins that would end beyond it (none)"},
		     {"keep", "FOLDER", "keep every launch's results there, in new a/ and b/, for compare"},
		     {"still", NULL, "hold the machine still meanwhile, and put it back (`run --help`)"},
		     {"save-launches", NULL, "remember how much launches differ, for compare"},
		     JUDGE_OPTIONS,
		     JUDGE_FORMAT},
	 .status = "0 no regression, 1 a regression, 2 usage, or not comparable, 3 inconclusive or missing, 4 a launch "
		   "or\nbenchmark failed, 124 time-out, 130 or 143 ended"},
	{.command = "baseline",
	 .synopsis = "publish STORE [RESULTS] | fetch STORE",
	 .summary = "baselines that machines of a kind share, in a folder or a branch of a git repository",
	 .text = "STORE is a folder, or URL#BRANCH for git. publish puts results there, or a folder of launches, or "
		 "without\n"
		 "them what `run --save-baseline=NAME` kept. fetch brings the one of this kind of machine to where "
		 "`run\n"
		 "--baseline=NAME` looks; where there are those of others alone, it says by what each differs.\n",
	 .options = {{"name", "NAME", "of the baseline (main)"},
		     {"out", "FILE", "of fetch: write there instead (-o), for `compare`; -: standard output"}},
	 .status = "0 done, 2 usage, none of this machine, or a store that cannot be read or written, 4 a benchmark\n"
		   "failed or hung, or a run was cut off"},
	{.command = "layout",
	 .synopsis = "[OPTION...] 'COMMAND' 'COMMAND' 'COMMAND'...",
	 .summary = "variants linked in other orders: what the place of code and data does",
	 .text = "Each command is one variant, 3 to 32 of them, launched in rounds of random order, and writes a\n"
		 "results.json as for ab; all are of one machine, or refused. Printed are the deviations between\n"
		 "launches, placements of data and variants. In the launch with placements `{layouts}` in the command\n"
		 "is replaced by `--layouts N`, which is appended where there is none; in the others it is taken out.\n"
		 "make layouts links variants and runs this.\n",
	 .options = {{"rounds", "N", "launches of each (6)"},
		     {"layouts", "N", "random placements of data, in one more launch of the first (8; 0: none)"},
		     {"seed", "N", "of the order (from the clock; printed)"},
		     {"limit", "SECONDS", "of one launch (600)"}},
	 .status = "0 done, 2 usage, or not of one machine, 4 a launch failed, 124 time-out, 130 or 143 ended"},
	{.command = "os-tax",
	 .synopsis = "[OPTION...] LINUX IMAGE",
	 .summary = "what Linux costs: a run on Linux against one of the image, the same objects, row by row",
	 .text = "Results files, or folders of launches that pair up in order of their names, of one machine, in "
		 "either "
		 "order:\neach says what it is of. Ratios are Linux's time over the image's, with their intervals, and "
		 "a "
		 "sentence\non why. Two of one kind, and figures that an emulator made, are refused. `make os-tax` "
		 "makes the "
		 "files.\n",
	 .options = {{"noise", "FILE", "also time that cores do not get: what `noise -o` wrote, of either (again)"},
		     {"format", "FORMAT", "table or json (table)"},
		     {"out", "FILE", "a page of HTML as well (-o); -: that alone, on standard output"}},
	 .status = "0 done, 2 usage, no such pair, or a file that cannot be read or written, 3 no row has figures in "
		   "both"},
	{.command = "record",
	 .synopsis = "[-o FILE] -- PROGRAM [ARGUMENT...]",
	 .summary = "what a program asks of memory: its mem*, str* and malloc calls, by size",
	 .text = "Runs PROGRAM with a library in it that counts calls and keeps nothing of the data. The program's "
		 "exit\n"
		 "status and signals are its own. Without -o a table goes to standard error. Programs that are linked\n"
		 "statically or have a heap of their own are refused; calls that the compiler made instructions of, "
		 "and\n"
		 "those inside the C library, are not seen (docs/formats.md, \"A record\").\n",
	 .options = {{"out", "FILE", "write the record there (-o), and no table; -: standard output"}},
	 .status = "the program's; 2 usage, refused, or the record cannot be written, 126 or 127 no such program"},
	{.command = "apply",
	 .synopsis = "[OPTION...] -- PROGRAM [ARGUMENT...]",
	 .summary = "a program with this machine's methods behind its memcpy and its like, and pools behind its malloc",
	 .text = "Becomes PROGRAM, with a library in it that serves memcpy, memmove, memset, memcmp and memchr by "
		 "size, "
		 "as\n"
		 "the profile of `tune` has it; of what is not measured here, as is built in for this kind of CPU. "
		 "What\n"
		 "PROGRAM starts is served, too. Where no method is quicker here than the C library's, at any size, "
		 "none\n"
		 "is put in.\n"
		 "With --pools blocks of malloc and its like, of the sizes that are said, come out of pools, a pool a "
		 "size\nand thread; all others are the C library's.\n"
		 "ANECHOIC_APPLY=off in the environment leaves everything to the C library. Programs that are linked\n"
		 "statically or have a heap of their own are refused.\n",
	 .options = {{"dry-run", NULL, "say what would be done, and do nothing"},
		     {"profile", "FILE", "the profile; none: as built in; without it the one that `tune --save` kept"},
		     {"remeasure", NULL, "measure anew where the C library is slower"},
		     {"no-kernels", NULL, "with --pools: these alone"},
		     {"pools", "[=SIZES]", "pools for blocks of these sizes, as 16-64,256; 4096 at the most (1-1024)"}},
	 .status = "the program's, 0 of --dry-run; 2 usage, refused, or no folder for the library, 126 or 127 no such "
		   "program"},
	{.command = "advise",
	 .synopsis = "RECORD [OPTION...] | --stream FILE [OPTION...]",
	 .summary = "what kind of load a record is of, and which setting gains it something here; which software TLB a "
		    "stream wants",
	 .text = "RECORD is what `record -o` wrote, on this machine. Its counts times what calls, blocks and pages "
		 "cost\n"
		 "here say which part of the time is memory's, allocation's and computing, and what the tuned "
		 "kernels,\n"
		 "pools and huge pages would gain, each with its interval. The costs are measured once, in half a "
		 "minute,\n"
		 "and kept (docs/formats.md, \"An advice\").\n"
		 "With --stream, of an address stream (`anechoic stream`): misses of our software TLB, counted by\n"
		 "itself, and what they take here, over sizes, ways, flushes and pages; and the one to take as C: of "
		 "those\n"
		 "that take no more than 1 % longer than the fastest the one of the least memory, with more slots than "
		 "that needs\n"
		 "where these cost no time. Takes some seconds.\n",
	 .options = {{"profile", "FILE",
		      "costs with kernels as this profile has them (`tune --save`'s); measured, and not kept"},
		     {"costs", "FILE", "costs in FILE instead of those that are kept for this machine"},
		     {"remeasure", NULL, "measure the costs anew, and keep these"},
		     {"stream", "FILE", "advice on the software TLB for this address stream, in a record's place"},
		     {"walk-ns", "N", "of --stream: what your page walk takes (one of four levels, measured)"},
		     {"flush-every", "N", "of --stream: everything is flushed every N events besides (never)"},
		     {"page-bytes", "N", "of --stream: the guest's smallest page (as the stream says, else 4096)"},
		     {"format", "FORMAT", "table or json (table)"},
		     OUT},
	 .status =
		 "0 done, 2 usage, a file that cannot be read or written, or no costs, 3 the record allows no advice"},
	{.command = "stream",
	 .synopsis = "record -o FILE -- PROGRAM [ARGUMENT...] | convert INPUT -o FILE | show FILE",
	 .summary = "address streams, for advice on software TLBs: what a program or a guest accesses, in order",
	 .text = "record runs PROGRAM under Valgrind's lackey; its exit status is the program's. convert takes "
		 "lackey's\n"
		 "lines (--trace-mem=yes; -: from standard input) or a stream, of which it keeps a part. show says "
		 "what\n"
		 "is in one. docs/formats.md has the format (\"An address stream\") and how QEMU records one.\n",
	 .options = {{"skip", "N", "pass over so many accesses to data, and all before them (0)"},
		     {"count", "N", "end after so many accesses (none); of record, the program with them"},
		     {"data", NULL, "no executions"},
		     {"sample", NULL, "of more than four million events, windows from all over them, however many"},
		     {"out", "FILE", "write the stream there (-o): a plain file"},
		     {"format", "FORMAT", "of show: table or json (table)"}},
	 .status = "of record the program's, 128 + N where signal N ended it, 0 where --count did; else 0 done, 2 "
		   "usage,\n"
		   "or a file that cannot be read or written, 130 or 143 ended"},
	{.command = "export",
	 .synopsis = "FORMAT RESULTS [OPTION...] [-o FILE]",
	 .summary = "results.json in the format of another tool",
	 .text = "Formats: google-benchmark, bencher, github (github-action-benchmark), prometheus (textfile "
		 "collector), csv,\n"
		 "and criterion, for which -o names a directory; of a profile.json in RESULTS' place simd-profile, a C "
		 "header.\n"
		 "docs/formats.md has the mapping.\n",
	 .options = {OUT,
		     {"machine", "NAME", "prometheus: tells this machine's series from others' (its CPU's name)"},
		     {"per-commit", NULL, "prometheus: the commit, too, is a label of every series"}},
	 .status = READ_STATUS},
	{.command = "report",
	 .synopsis = "[OPTION...] RESULTS... [-o FILE]",
	 .summary = "result files as one page to look at",
	 .text = "One HTML file that needs no network: summary, distributions, the machine, files side by side.\n"
		 "Up to six files, or folders of launches, or one that `ab --keep` filled, which is two of them; "
		 "verdicts\non the others against the first are those of `compare`. A profile.json among them or\n"
		 "alone shows every method over size, what was chosen, and the price. Results of `ladder` open the "
		 "page with\n"
		 "the memory: latency over size, of all files in one picture, and its levels told, read and "
		 "measured.\n"
		 "The files of `noise` and `record -o`, too, may be among them or alone: of a record what the program "
		 "asks\n"
		 "of memory, and what `advise` says of that where its costs are kept or named; the state of `watch`\n"
		 "(watch.db), whose levels are drawn over time, with what changed; what `doctor --format json` found; "
		 "and a\nfile of `snippet`. - is standard input.\n",
	 .options = {{"out", "FILE", "write there (-o; report.html); - is standard output"},
		     {"history", "FILE",
		      "draw each benchmark's past and its levels, and fleets; `default`: where history is"},
		     {"costs", "FILE", "of records: what memory costs (what `advise` has kept for this machine)"},
		     JUDGE_OPTIONS},
	 .status = READ_STATUS},
	{.command = "history",
	 .synopsis = "add RESULTS... | import FOLDER... | show BENCHMARK | changes [FILTER...] | fleet [FILTER...]",
	 .summary = "figures over many runs, and where their level changed",
	 .text = "add puts result files into one SQLite file; the same results twice count once. import takes folders "
		 "of\n"
		 "them, too, with all below, names what it cannot read and does the rest; each run gets the name of "
		 "the\n"
		 "machine that it is of: that of --machine, else its folder's. show lists a benchmark's figures, a "
		 "series\n"
		 "for each machine, and marks where a new level begins (PELT; docs/formats.md). changes lists the new "
		 "levels\n"
		 "of all benchmarks, or of those that match, newest first. fleet sets machines of one model against "
		 "each\n"
		 "other and names those that are slower or faster than the rest by more than 1 %, in the median over "
		 "the\n"
		 "benchmarks; from ten machines on.\n",
	 .options = {{"db", "FILE", "the history ($XDG_DATA_HOME/anechoic/history.db)"},
		     {"machine", "NAME",
		      "whose results are added: {folder}, {file} and other text (import: {folder}; add: none)"},
		     {"raw", NULL, "add samples, too, and show them (json)"},
		     {"last", "N", "show, search or judge the last N runs of each series (1000; of fleet 5)"},
		     {"rate", "X", "of fleet: the expected share of wrong ones among those that are named (0.05)"},
		     {"format", "FORMAT", "of what is shown: table, json or csv (table)"}},
	 .status = "0 done, 1 a machine of the fleet stands out, 2 usage, a file that cannot be read or written, or "
		   "a\nbenchmark that is not in it, 3 no fleet could be judged"},
	{.command = "watch",
	 .synopsis = "[OPTION...] [FILTER...] | import LOG... | show",
	 .summary = "this machine's speed for days, beside its work: alerts that say how often they are wrong",
	 .text = "Measures a few short benchmarks again and again (with filters others, 64 at the most), each for a\n"
		 "hundredth of a second, in random order, and keeps percentiles of minutes, hours and days. An alert\n"
		 "opens where a level changed, and ends; a line each on standard output. Rounds in a loud room are\n"
		 "passed over, and counted. import takes rounds that the image's `watch` wrote to its console (-:\n"
		 "standard input, as they come), also of a log that has grown: the minute it ends in stays open.\n"
		 "show says how a watch stands, also while another process watches. No window is shorter than a\n"
		 "minute.\n"
		 "docs/methodology.md has the rules and what they assume.\n",
	 .options = {{"arl", "TIME", "the whole watch's expected time to a false alarm, as 30d (30d)"},
		     {"duty", "SHARE", "of one core that rounds take, as 0.5% (0.5%)"},
		     {"room", "WORD", "the least room: silent, quiet, usable or loud (usable)"},
		     {"state", "FILE", "what is kept ($XDG_DATA_HOME/anechoic/watch.db)"},
		     {"on-alert", "COMMAND", "a shell's, for each begin and end; the alert is JSON on its input"},
		     {"textfile", "FILE", "metrics for node_exporter, each minute; its name ends in .prom"},
		     {"listen", "PORT", "/metrics on 127.0.0.1"},
		     {"until-alert", NULL, "end at the first alert"},
		     {"rounds", "N", "end after so many"},
		     {"duration", "TIME", "end after so long, as 12h"},
		     {"cpu", "N", "stay on this core (the last one allowed)"},
		     {"seed", "N", "of order and pauses (from the clock)"},
		     {"exact", NULL, "filters are whole names"},
		     {"inject", "FAULT", "also a benchmark that is broken on purpose: hang, ud and others"},
		     {"show", NULL, "as `watch show`"},
		     {"format", "FORMAT", "of alerts and of show: table or json (table)"}},
	 .status = "0 ended, 1 --until-alert saw one, 2 usage, a file that cannot be read or written, or a state that\n"
		   "is not whole, 3 --until-alert saw no round whose room was good enough, 4 every benchmark failed"},
	{.command = "new-suite",
	 .synopsis = "[OPTION...] DIR",
	 .summary = "a suite of your own code, which `make image SUITES=DIR` links into the image",
	 .text = "Makes the folder DIR, which is not there yet, with suite.c, README.md and test.sh in it: a function, "
		 "a\n"
		 "sum over sizes and a row on two cores, which are measured and checked as they are. Its rows begin "
		 "with\n"
		 "the folder's name. docs/suites.md goes on from there.\n",
	 .options = {{"cxx", NULL, "in C++17, suite.cc: a class, and a template over sizes"},
		     {"asm", NULL, "a loop in assembly for each architecture, beside a suite.c that checks it"}},
	 .status = "0 done, 2 usage, or a folder that is there already or cannot be made"},
	{.command = "snippet",
	 .synopsis = "[OPTION...] 'INSTRUCTIONS'",
	 .summary = "what a few instructions take, in ns and cycles: 'add rax, rbx; imul rcx, rax'",
	 .text = "Instructions of this machine, ';' between them: x86_64 in Intel's syntax, without comments and "
		 "without\n"
		 "directives but those of data. They are assembled by binutils, repeated in two loops of different "
		 "length, and\n"
		 "measured in a process that can do nothing else. rsi, rdi, r14 and rsp (x1, x0, x27 and sp) point "
		 "into 64 KiB\n"
		 "of memory each, r15 (x28) counts, all else is 0. With alternatives, 'imul (rax|rcx|rdx), rbx', each "
		 "copy\n"
		 "takes the next: they do not wait for each other then. docs/snippets.md says what the figures mean.\n",
	 .options = {{"init", "INSTRUCTIONS", "once before each loop, as 'mov rcx, 7; cvtsi2sd xmm1, rcx'"},
		     {"latency", NULL, "each copy is said to wait for the one before: what does not has none"},
		     {"throughput", NULL, "copies wait for what they have to, as written (when not said)"},
		     {"unroll", "N", "times in the shorter loop; the longer has twice as many (128 instructions)"},
		     {"seed", "N", "of the order in which the loops are timed, and of the bootstrap (1)"},
		     {"timeout", "SECONDS", "before it is ended (10)"},
		     {"image", "ARCH", "measure nothing: print the words for the image of x86_64 or aarch64"},
		     {"unconfined", NULL, "run it where the system does not confine processes, too: know what it does"},
		     {"format", "FORMAT", "table or json (table)"},
		     OUT},
	 .status = "0 done, 2 usage, or it does not assemble, 3 no figure, or no latency, 4 it crashed or did not end"},
	{.command = "completion",
	 .synopsis = "bash|zsh",
	 .summary = "completion for a shell, on standard output",
	 .text = "bash: eval \"$(anechoic completion bash)\" in ~/.bashrc. zsh: write it to a file _anechoic in a "
		 "folder of\n"
		 "$fpath.\n",
	 .status = "0 done, 2 usage error"},
	{.command = "man",
	 .synopsis = "",
	 .summary = "the man page, on standard output",
	 .text = "To read it: anechoic man | man -l -\n",
	 .status = "0 done"},
	{.command = "help",
	 .synopsis = "[COMMAND]",
	 .summary = "this text, or a command's page",
	 .text = "The same as --help, and as COMMAND --help.\n",
	 .status = "0 done, 2 no such command"},
	{.command = "version",
	 .synopsis = "[--format FORMAT]",
	 .text = "As json also the architecture, the number that a compiled suite must have, the schemas of all\n"
		 "that it writes, the suites linked in and what not every build has; the same as --version without.\n",
	 .options = {{"format", "FORMAT", "table or json (table)"}},
	 .status = "0 done, 2 usage"},
	{.command = "self-test", .synopsis = "", .text = "", .status = "0 as known, else 4"},
	{.command = NULL},
};

const struct help_value help_option_values[] = {
	{"run", "format", NULL, HELP_WORDS, "table json csv"},
	{"ladder", "format", NULL, HELP_WORDS, "table json csv"},
	{"list", "format", NULL, HELP_WORDS, "table json csv"},
	{"history", "format", NULL, HELP_WORDS, "table json csv"},
	{"caps", "format", NULL, HELP_WORDS, "table json hwloc-xml"},
	{"noise", "format", NULL, HELP_WORDS, "table json"},
	{"doctor", "format", NULL, HELP_WORDS, "table json"},
	{"os-tax", "format", NULL, HELP_WORDS, "table json"},
	{"advise", "format", NULL, HELP_WORDS, "table json"},
	{"watch", "format", NULL, HELP_WORDS, "table json"},
	{NULL, "room", NULL, HELP_WORDS, "silent quiet usable loud"},
	{"stream", "format", NULL, HELP_WORDS, "table json"},
	{"snippet", "format", NULL, HELP_WORDS, "table json"},
	{"snippet", "image", NULL, HELP_WORDS, "x86_64 aarch64"},
	{"tune", "for", NULL, HELP_WORDS, "mixed bulk"},
	{"tune", "format", NULL, HELP_WORDS, "table json"},
	{"version", "format", NULL, HELP_WORDS, "table json"},
	{NULL, "format", NULL, HELP_WORDS, "table markdown json"},
	{NULL, "benchmark_format", NULL, HELP_WORDS, "console json"},
	{NULL, "benchmark_out_format", NULL, HELP_WORDS, "json"},
	{NULL, "inject", NULL, HELP_WORDS, "ud null wx stack hang checkpoint core all"},
	{NULL, "cpu", NULL, HELP_CORES, NULL},
	{"baseline", "name", NULL, HELP_BASELINES, NULL},
	{NULL, "save-baseline", NULL, HELP_BASELINES, NULL},
	{NULL, "baseline", NULL, HELP_BASELINES, NULL},
	{NULL, "load-baseline", NULL, HELP_BASELINES, NULL},
	{NULL, NULL, "FILE", HELP_FILES, NULL},
	{NULL, NULL, "LOG", HELP_FILES, NULL},
	{NULL, NULL, "FOLDER", HELP_FOLDERS, NULL},
	{NULL, NULL, NULL, HELP_NOTHING, NULL},
};

const struct help_value help_operand_values[] = {
	{"run", "*", NULL, HELP_BENCHMARKS, NULL},
	{"ladder", "*", NULL, HELP_BENCHMARKS, NULL},
	{"list", "*", NULL, HELP_BENCHMARKS, NULL},
	{"collect", "*", NULL, HELP_FILES, NULL},
	{"compare", "*", NULL, HELP_RESULTS, NULL},
	{"os-tax", "*", NULL, HELP_RESULTS, NULL},
	{"report", "*", NULL, HELP_SHOWN, NULL},
	{"record", "*", NULL, HELP_PROGRAMS, NULL},
	{"apply", "*", NULL, HELP_PROGRAMS, NULL},
	{"advise", "1", NULL, HELP_RESULTS, NULL},
	{"export", "1", NULL, HELP_WORDS, "google-benchmark bencher github prometheus csv criterion simd-profile"},
	{"export", "*", NULL, HELP_RESULTS, NULL},
	{"history", "1", NULL, HELP_WORDS, "add import show changes fleet"},
	{"history", "add", NULL, HELP_RESULTS, NULL},
	{"history", "import", NULL, HELP_RESULTS, NULL},
	{"history", "show", NULL, HELP_BENCHMARKS, NULL},
	{"history", "changes", NULL, HELP_BENCHMARKS, NULL},
	{"history", "fleet", NULL, HELP_BENCHMARKS, NULL},
	{"stream", "1", NULL, HELP_WORDS, "record convert show"},
	{"stream", "record", NULL, HELP_PROGRAMS, NULL},
	{"stream", "*", NULL, HELP_FILES, NULL},
	{"baseline", "1", NULL, HELP_WORDS, "publish fetch"},
	{"baseline", "*", NULL, HELP_RESULTS, NULL},
	{"watch", "import", NULL, HELP_FILES, NULL},
	{"watch", "*", NULL, HELP_BENCHMARKS, NULL},
	{"new-suite", "*", NULL, HELP_FOLDERS, NULL},
	{"completion", "1", NULL, HELP_WORDS, "bash zsh"},
	{"help", "1", NULL, HELP_COMMANDS, NULL},
	{NULL, NULL, NULL, HELP_NOTHING, NULL},
};
