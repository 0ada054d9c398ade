# SPDX-License-Identifier: Apache-2.0
# Targets, layers, flags. `make help` lists the targets.

BUILD     ?= build
SAN       ?=

include tools/link.mk

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# A sanitized build is a build of its own.
O      := $(BUILD)$(if $(SAN),/san)/$(ARCH)

# Suites from outside: folders. What is linked with them lies in a folder of its own, and nothing else
# is built anew.
SUITES       ?=
SUITES_BUILD ?= $(BUILD)$(if $(SAN),/san)/suites
L      := $(if $(SUITES),$(SUITES_BUILD)/$(ARCH),$(O))
NEWLIB ?= build/newlib/$(ARCH)
FDT    ?= build/libfdt

# ---- tools -----------------------------------------------------------------------------------------------------------

BOOT_CC      := clang --target=$(ARCH)-unknown-windows

# ---- flags -----------------------------------------------------------------------------------------------------------
# CFLAGS is the user's and comes last.

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wundef \
        -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wimplicit-fallthrough
BASE := -std=c11 -g -O2 $(WARN) -Iinclude -I. -fno-common -ffile-prefix-map=$(CURDIR)=. -MMD -MP
comma := ,
space := $(subst ,, )
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
FREESTANDING := -ffreestanding -fpie -fno-stack-protector -fno-asynchronous-unwind-tables -fvisibility=hidden

ARCH_KERNEL_x86_64  := -mno-red-zone -mgeneral-regs-only
ARCH_KERNEL_aarch64 := -mgeneral-regs-only -mstrict-align -mno-outline-atomics
ARCH_USER_aarch64   := -mno-outline-atomics

# The core is compiled once; both links take the same objects. Contraction and reassociation would make figures
# depend on the compiler.
CORE_FLAGS   := $(BASE) $(FREESTANDING) $(ARCH_USER_$(ARCH)) -ffp-contract=off -falign-functions=64 -falign-loops=32 \
                -ffunction-sections \
                $(if $(filter gcc,$(TOOLCHAIN)),-fno-tree-loop-distribute-patterns)
KERNEL_FLAGS := $(BASE) $(FREESTANDING) $(ARCH_KERNEL_$(ARCH)) -Wframe-larger-than=4096 \
                -DCONSOLE_FONT='"$(O)/generated/console_font.psf"'
# newlib's headers stand before the C library's of the build machine.
USER_FLAGS   := $(BASE) $(FREESTANDING) $(ARCH_USER_$(ARCH)) -ffp-contract=off -isystem $(NEWLIB)/include \
                -I$(O)/generated
# Libraries of the build machine's package; for aarch64 from x86_64, Debian's static ones of arm64.
ARM64        := $(if $(filter aarch64,$(if $(CROSS),$(ARCH))),$(BUILD)/arm64)
ARM64_NAMES  := jansson md sqlite3
ARM64_STAMP  := $(if $(ARM64),$(ARM64)/stamp-$(subst $(space),-,$(ARM64_NAMES)))
# Small ones, for which no start of the programme is to wait.
NATIVE_LIBS  := -l:libjansson.a -l:libmd.a
# Of SQLite, whose functions are looked up as it runs, all.
ARM64_LIBS   := $(ARM64_NAMES:%=$(ARM64)/usr/lib/aarch64-linux-gnu/lib%.a)
ARM64_LIBS   := $(ARM64_LIBS:%/libsqlite3.a=-Wl,--export-dynamic-symbol='sqlite3_*' \
                -Wl,--whole-archive %/libsqlite3.a -Wl,--no-whole-archive)
HOSTED_LIBS  := $(if $(ARM64),$(ARM64_LIBS),$(NATIVE_LIBS)) -lm -lpthread
# Nobody debugs here what another machine is to run.
HOSTED_FLAGS := $(BASE) $(if $(CROSS),-g0) -fpie -ffp-contract=off -D_GNU_SOURCE -I$(O)/generated $(SANFLAGS) \
                $(if $(ARM64),-isystem $(ARM64)/usr/include) \
                -DREPORT_SCRIPT='"$(O)/generated/report.js"'
# Lives in strangers' programs, and defines what compilers make calls of: never sanitized, no call may be made of a
# loop, and a thread's own variables are found without one.
PRELOAD_FLAGS := $(BASE) -fPIC -ftls-model=initial-exec -fno-builtin -fvisibility=hidden -fno-stack-protector \
                -D_GNU_SOURCE -U_FORTIFY_SOURCE $(ARCH_USER_$(ARCH)) \
                $(if $(filter gcc,$(TOOLCHAIN)),-fno-tree-loop-distribute-patterns)
EFI_INCLUDE_x86_64  := /usr/include/efi
EFI_INCLUDE_aarch64 := $(BUILD)/gnu-efi/usr/include/efi
BOOT_ARCH_x86_64    := -mno-red-zone
EFI_INCLUDE  := $(EFI_INCLUDE_$(ARCH))
# Without what is for a debugger, which the loader's link leaves out, and without the time: its objects are installed,
# and would differ from folder to folder and from build to build.
BOOT_FLAGS   := -std=c11 -O2 -mno-incremental-linker-compatible $(filter-out -Wcast-qual,$(WARN)) -Iinclude -I. \
                -isystem $(EFI_INCLUDE) -isystem $(EFI_INCLUDE)/$(ARCH) \
                -mgeneral-regs-only -ffreestanding -fno-ms-extensions -fshort-wchar -fno-stack-protector \
                -mno-stack-arg-probe -DHAVE_USE_MS_ABI \
                -ffile-prefix-map=$(CURDIR)=. -MMD -MP $(BOOT_ARCH_$(ARCH))

# libfdt wants a C library's headers: of it, what it takes.
TREE_INCLUDE := -isystem boot/tree/libc -isystem $(FDT)
FLAT_FLAGS   := $(BASE) $(FREESTANDING) $(ARCH_KERNEL_$(ARCH)) $(TREE_INCLUDE) \
                $(if $(filter gcc,$(TOOLCHAIN)),-fno-tree-loop-distribute-patterns,-fno-builtin) \
                -DKERNEL_PACKED='"$(O)/kernel.elf.lz4"' -DPACKED_SECTION='.rodata,"a"'

include simd/isa_flags.mk

# Intel's Skylake to Cascade Lake decode anew, each time, the 32 bytes of a jump that reaches to their end or beyond
# ("Mitigations for Jump Conditional Code Erratum", 341810).
BRANCHES_gcc   := -Wa,-mbranches-within-32B-boundaries
BRANCHES_clang := -mbranches-within-32B-boundaries
$(foreach file,$(wildcard simd/x86_64/*.c),$(eval FLAGS_OF_$(file) := $(BRANCHES_$(TOOLCHAIN))))

FLAGS_OF_bench/aarch64/line_loops_lse.c := -march=armv8-a+lse

# What reads, formats and shows, outside of what is timed and of the way to the first benchmark: the loader has a limit.
$(foreach file,$(wildcard bench/machine/*.c bench/noise/show.c bench/snippet/show.c bench/tune/profile_*.c \
        bench/ladder/picture.c bench/compact/*.c bench/collect.c bench/results.c bench/table.c), \
        $(eval FLAGS_OF_$(file) := -Os))

# ---- layers ----------------------------------------------------------------------------------------------------------

CORE_SRC   := $(sort $(wildcard mem/*.c simd/*.c simd/$(ARCH)/*.[cS] bench/suites/*.c bench/tlb_geometry/*.c \
                bench/$(ARCH)/*.[cS]))
BENCH_SRC  := $(sort $(wildcard $(addsuffix /*.c,bench $(addprefix bench/,machine tune ladder reach noise counters \
                room rounds outside snippet compact))))
LIB_SRC    := $(sort $(wildcard lib/*.c))
CAPS_SRC   := $(sort $(wildcard $(addprefix caps/,*.c cpuid/*.c arm/*.c tables/*.c dump/*.c)))
# Without the file that holds the programme; the loader's, without the one that holds the kernel: image_around has them.
KERNEL_SRC := $(filter-out kernel/program/program.S,$(sort $(wildcard $(addsuffix *.[cS],kernel/ \
              $(addprefix kernel/,console/ memory/ program/ $(ARCH)/))))) $(LIB_SRC)
PVH_SRC    := $(sort $(wildcard kernel/$(ARCH)/pvh/*.[cS]))
USER_SRC   := $(sort $(wildcard kernel/user/*.c kernel/user/$(ARCH)/*.[cS])) $(BENCH_SRC) $(LIB_SRC) \
              $(filter-out caps/dump/%,$(CAPS_SRC))
HOSTED_ROOMS := results preload record apply advise stream snippet import still profile verdict history watch export \
                watcher report cli cli/commands
HOSTED_SRC := $(sort $(wildcard $(addprefix hosted/,*.c platform/*.c platform/$(ARCH)/*.c \
                $(addsuffix /*.[cS],$(HOSTED_ROOMS))))) \
              $(filter-out bench/main.c,$(BENCH_SRC)) $(LIB_SRC) $(CAPS_SRC)
# What is preloaded into other programs: a library for each of preload/'s rooms, and what it takes of the core.
PRELOAD_LIBRARIES := record kernels pools
PRELOAD_SRC := $(sort $(wildcard preload/*.c $(addsuffix /*.c,$(addprefix preload/,$(PRELOAD_LIBRARIES)))))
PRELOAD_CORE_kernels := $(filter simd/%,$(CORE_SRC))
PRELOAD_CORE_pools := mem/pool.c mem/pool_checked.c
PLUGIN_SRC := plugin/stream.c $(addprefix hosted/stream/,filter.c thin.c write.c) hosted/watch/bytes.c lib/crc32.c \
              bench/decimal.c
TREE_SRC_aarch64 := $(sort $(wildcard boot/tree/*.c))
BOOT_SRC   := $(filter-out boot/kernel_image.S,$(sort $(wildcard boot/*.[cS] boot/$(ARCH)/*.[cS]))) \
              $(TREE_SRC_$(ARCH)) $(LIB_SRC)
# The flat image is aarch64's: with what it takes of the loader and of lib/.
FLAT_SRC_aarch64 := $(sort $(wildcard boot/aarch64/flat/*.[cS])) boot/kernel_image.S \
              boot/freestanding.c boot/lz4.c boot/memory_ranges.c $(TREE_SRC_aarch64) lib/elf.c lib/serial.c \
              lib/serial_pci.c lib/acpi.c
LIBFDT     := fdt fdt_ro

object = $(patsubst %,$(O)/$(1)/%.o,$(2))
# The software TLB once for each of its sizes in hosted/stream/variants.h, SLOT-BITS_WAYS.
STREAM_VARIANTS := $(foreach bits,10 12 14 16 18 20,$(foreach ways,2 4 8,$(bits)_$(ways)))
STREAM_VARIANT_OBJ := $(patsubst %,$(O)/variants/%.o,$(STREAM_VARIANTS))
CORE_OBJ   := $(call object,core,$(CORE_SRC))
KERNEL_OBJ := $(call object,kernel,$(KERNEL_SRC))
PVH_OBJ    := $(call object,kernel,$(PVH_SRC))
USER_OBJ   := $(call object,user,$(USER_SRC))
HOSTED_OBJ := $(call object,hosted,$(HOSTED_SRC)) $(STREAM_VARIANT_OBJ)
BOOT_OBJ   := $(call object,boot,$(BOOT_SRC)) $(if $(TREE_SRC_$(ARCH)),$(LIBFDT:%=$(O)/boot/libfdt/%.o))
FLAT_OBJ   := $(if $(FLAT_SRC_$(ARCH)),$(call object,flat,$(FLAT_SRC_$(ARCH))) $(LIBFDT:%=$(O)/flat/libfdt/%.o))

LOADER := $(O)/$(LOADER_NAME_$(ARCH))
HOSTED := $(if $(SUITES),$(SUITES_BUILD),$(BUILD)$(if $(SAN),/san))/$(if $(CROSS),$(ARCH)/)anechoic

.PHONY: program kernel loader image image-uefi image-pvh image-flat hosted
program: $(L)/program.elf
kernel: $(L)/kernel.elf $(if $(PVH_SRC),$(L)/kernel-pvh.elf)
loader: $(L)/$(notdir $(LOADER))
FLAT := $(if $(SUITES),,$(if $(FLAT_OBJ),$(O)/anechoic.Image))
image: setup-image $(L)/anechoic.img kernel $(FLAT) ## what a stick boots, build/ARCH/anechoic.img (ARCH= SUITES=DIRS)
image-uefi: setup-image $(L)/anechoic.img
image-pvh: setup-image $(L)/kernel-pvh.elf
image-flat: setup-image $(FLAT)
hosted: setup-hosted $(HOSTED) ## the same programme on Linux, build/anechoic (SUITES="DIR..." in build/suites)

# ---- packages --------------------------------------------------------------------------------------------------------
# Of tools/setup.sh's groups, those that a target needs. What is built for other targets first asks for its own.

NEEDS_compiler     := $(if $(CROSS),cross) $(if $(filter clang,$(TOOLCHAIN)),clang)
NEEDS_all           = $(shell tools/setup.sh --list)
NEEDS_hosted       := hosted $(NEEDS_compiler)
NEEDS_image        := image $(NEEDS_compiler)
NEEDS_install       = hosted $(if $(IMAGES),image cross)
NEEDS_deb          := hosted image cross package
NEEDS_dist         := hosted image cross media
NEEDS_run          := hosted $(NEEDS_image) python emulator-$(ARCH)
NEEDS_debug        := $(NEEDS_image) python emulator-$(ARCH) debug
NEEDS_screenshot   := $(NEEDS_run)
NEEDS_compare-os   := hosted $(NEEDS_image) python emulator-$(HOST_ARCH)
NEEDS_bench-start  := $(NEEDS_compare-os)
NEEDS_levels-compare := $(NEEDS_compare-os)
NEEDS_os-tax       := $(NEEDS_compare-os)
NEEDS_cores-asleep := $(NEEDS_compare-os)
NEEDS_room         := $(NEEDS_compare-os) room
NEEDS_suite-bench  := $(NEEDS_compare-os)
NEEDS_both-images  := hosted image cross python emulator-x86_64 emulator-aarch64
NEEDS_media        := $(NEEDS_image) cross media
NEEDS_sign         := $(NEEDS_media) sign
NEEDS_boot-matrix  := $(NEEDS_both-images) media sign u-boot network
NEEDS_refuse-calls := $(NEEDS_both-images)
NEEDS_powercut     := $(NEEDS_both-images)
NEEDS_soak         := $(NEEDS_both-images)
NEEDS_check-layers := hosted image cross python clang
NEEDS_hosted-charts := hosted report
NEEDS_bench-report := hosted report python
NEEDS_test-avx512  := hosted image python bochs
NEEDS_fuzz         := hosted fuzz
NEEDS_bench-peers  := hosted peers python
NEEDS_aa           := hosted python
NEEDS_room-check   := hosted python
NEEDS_room-cost    := hosted python
NEEDS_sensitivity  := hosted python
NEEDS_repeatability := hosted python benchmark
NEEDS_layouts      := hosted clang
NEEDS_stats-bench  := hosted
NEEDS_caps-bench   := hosted python
NEEDS_levels-check := hosted
NEEDS_tlb-geometry-check := hosted
NEEDS_watch-check  := hosted
NEEDS_fleet-check  := hosted
NEEDS_stream-check := hosted python test record emulator-user
NEEDS_record-cost  := hosted python record
NEEDS_advise-check := hosted python record
NEEDS_history-bench := hosted python
NEEDS_watch-table  := hosted
NEEDS_tune-check   := hosted
NEEDS_simd-profile := hosted format
NEEDS_mca          := hosted cross clang python
NEEDS_snippet-check := hosted models python
NEEDS_simd-check   := hosted $(NEEDS_compiler) $(if $(CROSS),emulator-user)
NEEDS_amalgamation := python
NEEDS_bench-tables := python
NEEDS_counters-table := python format counters
NEEDS_check-format := format
NEEDS_format       := format
NEEDS_test          = $(filter-out package models network,$(NEEDS_all))
NEEDS_coverage      = $(NEEDS_test)
NEEDS_test-system   = $(NEEDS_all)
NEEDS_performance   = $(filter-out report package models,$(NEEDS_all))

setup-%: FORCE
	@tools/setup.sh $(BUILD)/setup $(NEEDS_$*)

ASKING := install deb dist amalgamation run debug hosted-charts test coverage test-system test-avx512 fuzz \
          compare-os levels-compare \
          bench-peers bench-start bench-report aa room-check room-cost sensitivity repeatability layouts stats-bench \
          caps-bench performance tune-check levels-check tlb-geometry-check simd-profile bench-tables counters-table \
          mca media sign boot-matrix refuse-calls powercut soak record-cost advise-check watch-check watch-table \
          fleet-check stream-check snippet-check history-bench cores-asleep room os-tax suite-bench \
          screenshot check-layers check-format format
$(ASKING): %: setup-%

# ---- rules -----------------------------------------------------------------------------------------------------------

# The folders of a layer's objects are made with it, once for all of them.
SOURCE_FOLDERS := $(sort $(dir $(wildcard $(foreach folder,$(filter-out build/ $(BUILD)/,$(wildcard */)), \
                    $(addprefix $(folder),*.[cS] */*.[cS] */*/*.[cS] */*/*/*.[cS])))))
flags_file = $(call kept,$(O)/flags/$(1),$(2),$(addprefix $(O)/$(1)/,$(SOURCE_FOLDERS)))
.PHONY: FORCE
FORCE:

# $(1) layer, $(2) compiler, $(3) flags, $(4) further prerequisites
define layer
$(call flags_file,$(1),$(2) $(3) $(CFLAGS))
$(O)/$(1)/%.c.o: %.c $(O)/flags/$(1) $(4)
	$$(call say,$(1),$$<)
	$(Q)$(2) $(3) $$(call isa_flags,$$<) $$(FLAGS_OF_$$<) $(CFLAGS) -c $$< -o $$@
$(O)/$(1)/%.S.o: %.S $(O)/flags/$(1) $(4)
	$$(call say,$(1),$$<)
	$(Q)$(2) $(filter-out -std=c11,$(3)) $(CFLAGS) -c $$< -o $$@
endef
$(eval $(call layer,core,$(ARCH_CC),$(CORE_FLAGS) $(SANFLAGS),simd/isa_flags.mk))
$(eval $(call layer,kernel,$(ARCH_CC),$(KERNEL_FLAGS)))
$(eval $(call layer,user,$(ARCH_CC),$(USER_FLAGS),$(NEWLIB)/stamp | $(O)/generated/build_info.h))
$(eval $(call layer,hosted,$(ARCH_CC),$(HOSTED_FLAGS),$(ARM64_STAMP) | $(O)/generated/build_info.h))
$(eval $(call layer,preload,$(ARCH_CC),$(PRELOAD_FLAGS)))
$(eval $(call layer,plugin,$(ARCH_CC),$(BASE) -fPIC -fvisibility=hidden -D_GNU_SOURCE))
$(if $(SAN),$(eval $(call layer,preload-core,$(ARCH_CC),$(CORE_FLAGS),simd/isa_flags.mk)))
$(eval $(call layer,boot,$(BOOT_CC),$(BOOT_FLAGS),$(if $(filter aarch64,$(ARCH)),$(BUILD)/gnu-efi/stamp)))
$(eval $(call layer,flat,$(ARCH_CC),$(FLAT_FLAGS),$(FDT)/stamp))
$(O)/boot/boot/tree/tree.c.o $(O)/hosted/boot/tree/tree.c.o: $(FDT)/stamp
FLAGS_OF_boot/tree/tree.c := $(TREE_INCLUDE)

# $(1) layer, $(2) compiler, $(3) flags. Another project's sources: without our warnings.
define libfdt_layer
$(O)/$(1)/libfdt/%.o: $(FDT)/stamp $(O)/flags/$(1)
	@mkdir -p $$(@D)
	$$(Q)$(2) $$(filter-out -M%,$(3)) $(TREE_INCLUDE) -w $(CFLAGS) -c $(FDT)/$$*.c -o $$@
endef
$(eval $(call libfdt_layer,boot,$(BOOT_CC),$(BOOT_FLAGS)))
$(eval $(call libfdt_layer,flat,$(ARCH_CC),$(FLAT_FLAGS)))
$(eval $(call libfdt_layer,hosted,$(ARCH_CC),$(HOSTED_FLAGS)))

$(FDT)/stamp: tools/libfdt.sh
	$(Q)tools/libfdt.sh $(@D)
	$(Q)touch $@

newlib_of = $(if $(filter $(1),$(ARCH)),$(NEWLIB),build/newlib/$(1))
define newlib_rule
$(call newlib_of,$(1))/stamp: tools/newlib.sh
	$$(Q)tools/newlib.sh $(1) $$(@D)
	$$(Q)touch $$@
endef
$(foreach arch,$(ARCHES),$(eval $(call newlib_rule,$(arch))))

# Of all architectures side by side: much of each is configured, which takes one core.
.PHONY: newlib
newlib: $(foreach arch,$(ARCHES),$(call newlib_of,$(arch))/stamp)

.PHONY: arm64
arm64: $(ARM64_STAMP)
$(ARM64_STAMP): tools/arm64_packages.sh
	$(Q)tools/arm64_packages.sh $(@D) $(ARM64_NAMES:%=lib%-dev)
	$(Q)touch $@

$(BUILD)/gnu-efi/stamp: tools/arm64_packages.sh
	$(Q)tools/arm64_packages.sh $(@D) gnu-efi
	$(Q)touch $@

$(O)/generated/build_info.h: FORCE
	@mkdir -p $(@D)
	@tools/build_info.sh '$(ARCH_CC)' \
		'$(filter-out -I% -M% -W% -ffile-prefix-map=%,$(CORE_FLAGS) $(SANFLAGS)) $(CFLAGS)' >$@.$$$$ && \
		{ cmp -s $@.$$$$ $@ && rm $@.$$$$ || mv $@.$$$$ $@; }

# What a profile was measured with: the kernels' objects as both links take them, without what tells a debugger of their
# source, and without profiles that are built in.
$(O)/generated/simd_hash.h: $(filter-out %/profiles.c.o,$(filter $(O)/core/simd/%,$(CORE_OBJ)))
	@mkdir -p $(@D)
	$(Q)$(ARCH_LD) -r --strip-debug -o $@.o $^ && \
		printf '#pragma once\n#define SIMD_HASH "%s"\n' "$$(sha256sum <$@.o | cut -c1-16)" >$@ && rm $@.o
$(O)/hosted/bench/tune/signature.c.o $(O)/user/bench/tune/signature.c.o: $(O)/generated/simd_hash.h

$(O)/program.elf: linker/program.ld $(CORE_OBJ) $(USER_OBJ)
	$(call say,link,$@)
	$(Q)$(PROGRAM_LINK)

$(O)/kernel/kernel/console/font.S.o: $(O)/generated/console_font.psf

$(O)/flat/boot/kernel_image.S.o: $(O)/kernel.elf.lz4
FLAT_LINK = $(ARCH_LD) --fatal-warnings -pie --no-dynamic-linker -z text -z noexecstack --gc-sections -T $< -o $@.elf \
            $(filter %.o,$^) && $(ARCH_OBJCOPY) -O binary $@.elf $@
$(O)/anechoic.Image: linker/flat-$(ARCH).ld $(FLAT_OBJ)
	$(call say,link,$@)
	$(Q)$(FLAT_LINK)

# Debian's console-setup-linux; public domain.
$(O)/generated/console_font.psf: /usr/share/consolefonts/Lat15-Fixed16.psf.gz
	@mkdir -p $(@D)
	$(Q)gunzip -c $< >$@

# Every symbol is found before the program runs: none may be looked up inside a call that is counted. The core's objects
# are what both links take; where these are sanitized, which no strangers' programs are, the library has its own. Of
# segments, each of which is mapped at every start, there are as few as can be.
define preload_library
$(O)/anechoic-$(1).so: $$(call object,preload,$$(filter-out $$(PRELOAD_ROOMS),$$(PRELOAD_SRC)) \
		$$(filter preload/$(1)/%,$$(PRELOAD_SRC))) \
		$$(call object,$$(if $$(SAN),preload-core,core),$$(PRELOAD_CORE_$(1)))
	$$(call say,link,$$@)
	$$(Q)$$(ARCH_CC) -shared -Wl,-z,now -Wl,-z,relro -Wl,-z,noexecstack -Wl,-z,noseparate-code -Wl,--gc-sections \
		-Wl,-Bsymbolic -Wl,-S -Wl,-soname,$$(@F) -o $$@ $$^
endef
PRELOAD_ROOMS := $(addsuffix /%,$(addprefix preload/,$(PRELOAD_LIBRARIES)))
$(foreach library,$(PRELOAD_LIBRARIES),$(eval $(call preload_library,$(library))))

# The plugin for QEMU, whose calls QEMU itself has.
$(BUILD)/anechoic-stream.so: $(call object,plugin,$(PLUGIN_SRC))
	$(call say,link,$@)
	$(Q)$(ARCH_CC) -shared -Wl,-z,relro -Wl,-z,noexecstack -Wl,-soname,anechoic-stream.so -o $@ $^

.PHONY: stream-plugin
stream-plugin: setup-hosted $(BUILD)/anechoic-stream.so ## records what guests of QEMU access: build/anechoic-stream.so

$(O)/generated/preload_folder.h: $(foreach library,$(PRELOAD_LIBRARIES),$(O)/anechoic-$(library).so)
	@mkdir -p $(@D)
	$(Q)printf '#define PRELOAD_FOLDER "%s"\n' '$(O)' >$@
$(O)/hosted/hosted/preload/library.S.o: $(O)/generated/preload_folder.h

$(eval $(call image_around,$(O)))

# What a link holds: ours, and suites from outside.
with_suites = $(if $(SUITES),$(filter-out %/bench/outside/none.c.o,$(1)) $(L)/table.o $(SUITE_OBJ),$(1))

# What a suite may include.
SUITE_INCLUDED := bench/benchmark.h bench/consume.h $(addprefix mem/,pool.h pool_checked.h pool_shared.h tlb.h) \
                  $(addprefix simd/,simd.h features.h profile.h)
include tools/suites.mk

# Streams are replayed through each size of the software TLB. Of its symbols one is left.
$(O)/variants/%.o: hosted/stream/variants/variant.c $(O)/flags/core
	$(call say,tlb,$*)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_CC) $(CORE_FLAGS) $(SANFLAGS) -DSTREAM_VARIANT=stream_variant_$* \
		-DTLB_SLOT_BITS=$(word 1,$(subst _, ,$*)) -DTLB_WAYS=$(word 2,$(subst _, ,$*)) $(CFLAGS) -c $< -o $@
	$(Q)$(ARCH_OBJCOPY) --keep-global-symbol=stream_variant_$* $@

$(HOSTED): $(CORE_OBJ) $(call with_suites,$(HOSTED_OBJ))
	$(call say,link,$@)
	$(Q)$(HOSTED_LINK)

# ---- code elsewhere --------------------------------------------------------------------------------------------------
# The hosted programme from the same objects, the core's with a section a function, in an order and with padding that
# the variant's number seeds.

VARIANTS := $(patsubst %,$(BUILD)/variant-%/anechoic,1 2 3 4)
$(BUILD)/variant-%/anechoic: tools/layout_padding.sh $(CORE_OBJ) $(HOSTED_OBJ)
	$(call say,link,$@)
	$(Q)mkdir -p $(@D) && $< $* >$(@D)/padding.S
	$(Q)$(ARCH_CC) -pie -fuse-ld=lld $(CFLAGS) -Wl,-Map=$@.map -Wl,--shuffle-sections='.text*'=$* -o $@ \
		$(filter %.o,$^) $(@D)/padding.S $(LDFLAGS) $(HOSTED_LIBS)

.PHONY: layout-variants
layout-variants: $(VARIANTS)

# ---- what is installed -----------------------------------------------------------------------------------------------
# Archives that suites from outside are linked with where there is no tree (tools/anechoic.mk): of an architecture the
# image's parts, of this machine's also the library, which has a programme's `main` for those that bring none.

PARTS       := $(O)/parts
IMAGE_PARTS := $(addprefix $(PARTS)/,libprogram.a libkernel.a $(if $(PVH_SRC),libpvh.a) libloader.a)
$(PARTS)/libprogram.a: $(filter-out %/bench/outside/none.c.o,$(CORE_OBJ) $(USER_OBJ))
$(PARTS)/libkernel.a: $(KERNEL_OBJ)
$(PARTS)/libpvh.a: $(PVH_OBJ)
$(PARTS)/libanechoic.a: $(CORE_OBJ) $(HOSTED_OBJ)
$(PARTS)/libloader.a: $(BOOT_OBJ)
	$(call say,ar,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(BOOT_LD) /lib /out:$@ $^
# Sources of those who debug are elsewhere.
$(PARTS)/%.a:
	$(call say,ar,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(ARCH_AR) qcsD $@ $^ && $(ARCH_OBJCOPY) -D --strip-debug $@

# What the makefile there has to know of this build.
INSTALLED_FLAGS = $(filter-out -W% -I% -M% -ffile-prefix-map=%,$(CORE_FLAGS))
$(PARTS)/flags.mk: FORCE
	@mkdir -p $(@D) && printf '%s\n' 'TOOLCHAIN ?= $(TOOLCHAIN)' 'CORE_FLAGS_$(ARCH) := $(INSTALLED_FLAGS)' >$@

.PHONY: image-parts library
image-parts: setup-image $(IMAGE_PARTS) $(PARTS)/flags.mk image
library: setup-hosted $(PARTS)/libanechoic.a $(PARTS)/flags.mk hosted stream-plugin

# ---- the report's charts ---------------------------------------------------------------------------------------------
# Bundled with npm, which those who only measure need not have: a programme built before
# `make hosted-charts` reports tables only.

REPORT := $(BUILD)/report
$(REPORT)/stamp: charts/package.json charts/package-lock.json
	$(call say,npm,$(REPORT)/node_modules)
	$(Q)mkdir -p $(@D) && cp $^ $(@D)
	$(Q)cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1 || \
		{ cat npm.log >&2; exit 1; }
	$(Q)touch $@

$(REPORT)/report.js: $(REPORT)/stamp $(wildcard charts/*.js charts/*.mjs)
	$(call say,bundle,$@)
	$(Q)cd $(REPORT) && node $(CURDIR)/charts/bundle.mjs $(CURDIR)/charts/main.js $(abspath $@)

# Where npm has been used once, the bundle is kept up to date.
$(O)/generated/report.js: FORCE $(if $(wildcard $(REPORT)/stamp),$(REPORT)/report.js)
	@mkdir -p $(@D)
	@if [ -f $(REPORT)/report.js ]; then cmp -s $(REPORT)/report.js $@ || cp $(REPORT)/report.js $@; \
		else [ -f $@ ] && [ ! -s $@ ] || : >$@; fi

$(O)/hosted/hosted/report/report_assets.S.o: $(O)/generated/report.js charts/report.css
$(O)/hosted/hosted/cli/suite_files.S.o: $(wildcard examples/suites/new*/*.* examples/suites/new*/*/*.S)

.PHONY: report-charts
report-charts: $(REPORT)/report.js

# ---- unit tests ------------------------------------------------------------------------------------------------------
# A binary a file, linked against all that is pure. A test whose name ends in an architecture's gets that
# one's page-table entries.

PURE_SRC  := $(addprefix kernel/,memory/pagetable.c memory/memory_map.c clock.c core_list.c format.c acpi.c \
             acpi_pptt.c console/framebuffer.c x86_64/pvh/start_info.c) \
             boot/memory_ranges.c boot/log_text.c boot/options.c boot/smbios.c boot/hold.c boot/results_name.c \
             boot/lz4.c preload/setting.c preload/kernels/choice.c
PURE_OBJ  := $(call object,hosted,$(PURE_SRC)) $(filter-out $(O)/hosted/hosted/main.c.o,$(HOSTED_OBJ)) $(CORE_OBJ)
TEST_SRC  := $(sort $(wildcard host-tests/test_*.c))
TEST_BIN  := $(patsubst host-tests/%.c,$(O)/host-tests/%,$(TEST_SRC))

# Device trees with the hosted compiler, and libfdt's writer for the test's own: no other link here needs libfdt.
TREE_TEST_OBJ := $(call object,hosted,boot/tree/tree.c boot/tree/tables.c) \
                 $(patsubst %,$(O)/hosted/libfdt/%.o,$(LIBFDT) fdt_sw)
$(O)/host-tests/test_tree: $(TREE_TEST_OBJ)
$(O)/hosted/host-tests/test_tree.c.o $(O)/hosted/fuzz/device_tree.c.o: $(FDT)/stamp

# The tests themselves, which nobody measures, are compiled fast; what they test is as ever.
$(foreach file,$(TEST_SRC),$(eval FLAGS_OF_$(file) := -O0))
FLAGS_OF_host-tests/test_tree.c += -isystem $(FDT)

$(O)/host-tests/libpure.a: $(PURE_OBJ)
	$(call say,ar,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(ARCH_AR) rcs $@ $^

$(O)/host-tests/test_%: $(O)/hosted/host-tests/test_%.c.o $(O)/host-tests/libpure.a \
		$(foreach a,$(ARCHES),$(O)/hosted/kernel/$(a)/pte.c.o)
	$(call say,link,$@)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -o $@ $(filter-out %/pte.c.o,$(filter %.o,$^)) \
		$(foreach a,$(ARCHES),$(if $(findstring _$(a),$@),$(O)/hosted/kernel/$(a)/pte.c.o)) \
		$(O)/host-tests/libpure.a $(LDFLAGS) -lcriterion $(HOSTED_LIBS)

$(O)/host-tests/test_plausible: $(call object,hosted,peers/judge/plausible.c peers/suites/pool_claims.c)
$(O)/host-tests/test_tlb_advice: $(call object,hosted,host-tests/stream_model.c)
$(O)/host-tests/test_fleet: $(call object,hosted,host-tests/fleet_model.c)
$(O)/host-tests/test_bars: $(call object,hosted,$(wildcard peers/judge/*.c) peers/choice.c)

# Parts of the kernel that a test puts on a fake machine of its own.
$(O)/host-tests/test_space_x86_64: $(call object,hosted,$(addprefix kernel/memory/,space.c page_work.c device.c \
	core_area.c))
$(O)/host-tests/test_simd: $(call object,hosted,host-tests/simd_check.c)
$(O)/host-tests/test_levels: $(call object,hosted,host-tests/ladder_model.c)
$(O)/host-tests/test_detector $(O)/host-tests/test_track: $(call object,hosted,host-tests/watch_series.c)
$(O)/host-tests/test_tlb_geometry: $(call object,hosted,host-tests/tlb_model.c)
$(O)/host-tests/test_team: LDFLAGS += -Wl,--wrap=platform_describe -Wl,--wrap=platform_pages_repeat \
	-Wl,--wrap=platform_memory_place_near
$(O)/host-tests/test_nx: $(call object,hosted,kernel/x86_64/nx.c)
$(O)/host-tests/test_prefetchers: $(call object,hosted,kernel/x86_64/prefetchers.c)
$(O)/host-tests/test_guard: $(call object,hosted,kernel/program/guard.c \
	$(addprefix kernel/,guard_state.c handback.c plant.c pmu.c))
$(O)/host-tests/test_pmu_plan: $(call object,hosted,kernel/x86_64/pmu_plan.c)
$(O)/host-tests/test_uart: $(call object,hosted,kernel/console/uart.c)
$(O)/host-tests/test_reset: $(call object,hosted,kernel/reset.c)
GATE_TESTS := $(foreach a,$(ARCHES),$(O)/host-tests/test_gate_$(a))
$(GATE_TESTS): $(call object,hosted,$(addprefix kernel/program/,gate.c gate_name.c guard.c core.c core_state.c raw.c) \
	$(addprefix kernel/memory/,space.c page_work.c page_exchange.c device.c core_area.c) \
	$(addprefix kernel/,guard_state.c handback.c compare.c plant.c pmu.c step.c))
$(GATE_TESTS): LDFLAGS += -Wl,--wrap=pagetable_allows
$(O)/host-tests/test_trap_x86_64: $(call object,hosted,$(addprefix kernel/x86_64/,trap.c fault.c))

# The loader's own, which takes the firmware's types.
$(foreach file,$(addprefix boot/,journal.c files.c trail.c loader_option.c network.c http.c device_path.c) \
	$(addprefix host-tests/test_,journal.c trail.c network.c http.c),$(eval FLAGS_OF_$(file) += \
	-isystem $(EFI_INCLUDE) -isystem $(EFI_INCLUDE)/$(ARCH) -fshort-wchar -DHAVE_USE_MS_ABI -Wno-cast-qual))
$(O)/host-tests/test_journal: $(call object,hosted,$(addprefix boot/,journal.c files.c device_path.c))
$(addprefix $(O)/host-tests/,test_network test_http): $(call object,hosted,$(addprefix boot/,http.c device_path.c))
$(O)/host-tests/test_network: $(call object,hosted,boot/network.c)
$(O)/host-tests/test_trail: $(call object,hosted,$(addprefix boot/,trail.c files.c loader_option.c device_path.c))

# ---- fuzzing ---------------------------------------------------------------------------------------------------------
# libFuzzer, so clang; a build of its own, made by `make fuzz`.

$(O)/fuzz/device_tree: $(TREE_TEST_OBJ)
FUZZ_BIN := $(patsubst fuzz/%.c,$(O)/fuzz/%,$(sort $(wildcard fuzz/*.c)))
$(O)/fuzz/%: $(O)/hosted/fuzz/%.c.o $(O)/host-tests/libpure.a
	$(call say,link,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) \
		$(LDFLAGS) $(HOSTED_LIBS)

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_BIN)

# ---- peers -----------------------------------------------------------------------------------------------------------
# What users would pick instead, beside ours; references of our own without the vectoriser, loops
# aligned as the core's are.

PEERS_OBJ := $(call object,peers,$(sort $(wildcard $(addsuffix /*.c,peers peers/judge peers/suites \
	peers/suites/$(ARCH)))))
$(eval $(call layer,peers,$(ARCH_CC),$(HOSTED_FLAGS) -fno-builtin -fno-tree-vectorize -fno-tree-slp-vectorize \
	-falign-functions=64 -falign-loops=32))

# Loops around the best sequences known, where there is a list of them.
LANES_BEST := $(wildcard peers/suites/$(ARCH)/lanes_best.txt)
PEERS_OBJ  += $(if $(LANES_BEST),$(O)/peers/lanes_best.S.o)
$(O)/peers/lanes_best.S.o: $(LANES_BEST) tools/lanes_loops.py tools/mca_best.py
	@mkdir -p $(@D)
	$(call say,peers,$<)
	$(Q)tools/lanes_loops.py >$(@:.o=) && $(ARCH_CC) -c $(@:.o=) -o $@

$(BUILD)/bench-peers: $(PEERS_OBJ) $(O)/host-tests/libpure.a
	$(call say,link,$@)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -o $@ $^ $(LDFLAGS) -ldl $(HOSTED_LIBS)

$(BUILD)/tune-check: $(call object,peers,peers/choice.c $(wildcard peers/judge/*.c peers/tune/*.c)) \
		$(O)/host-tests/libpure.a
	$(call say,link,$@)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -o $@ $^ $(LDFLAGS) $(HOSTED_LIBS)

# UEFI applications that image tests put between firmware and loader.
$(O)/host-tests/%.efi: $(O)/boot/host-tests/efi/%.c.o $(O)/boot/boot/freestanding.c.o $(O)/boot/lib/acpi.c.o
	$(call say,link,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(BOOT_LD) /subsystem:efi_application /entry:efi_main /nodefaultlib /Brepro /nxcompat /out:$@ $^

# The ROM of a machine without PSCI (tools/spin_table.py); at address 0.
$(O)/host-tests/%_rom.bin: $(O)/flat/host-tests/flat/%_rom.S.o
	$(call say,link,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_LD) -e _start -Ttext=0 -o $@.elf $^ && $(ARCH_OBJCOPY) -O binary $@.elf $@

# A programme that means no good, in the place of ours in images of its own.
HOSTILE     := $(O)/hostile
HOSTILE_SRC := $(sort $(wildcard host-tests/hostile/*.c host-tests/hostile/$(ARCH)/*.S)) \
               $(filter-out $(BENCH_SRC),$(USER_SRC))

$(HOSTILE)/program.elf: linker/program.ld $(call object,user,$(HOSTILE_SRC))
	$(call say,link,$@)
	@mkdir -p $(@D)
	$(Q)$(PROGRAM_LINK)
$(eval $(call image_around,$(HOSTILE)))

.PHONY: test-applications
test-applications: $(patsubst host-tests/efi/%.c,$(O)/host-tests/%.efi, \
			$(wildcard host-tests/efi/*.c host-tests/efi/$(ARCH)/*.c)) \
		$(if $(FLAT_SRC_$(ARCH)),$(O)/host-tests/spin_rom.bin) \
		$(addprefix $(HOSTILE)/,anechoic.img $(if $(PVH_SRC),kernel-pvh.elf))

# Plain programmes beside the tests.
$(O)/host-tests/tlb_geometry_check: $(call object,hosted,host-tests/tlb_geometry_check.c host-tests/tlb_model.c) \
		$(O)/host-tests/libpure.a
	$(call say,link,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -o $@ $^ $(LDFLAGS) $(HOSTED_LIBS)

$(O)/host-tests/levels_check: $(call object,hosted,host-tests/levels_check.c host-tests/ladder_model.c) \
		$(O)/host-tests/libpure.a
	$(call say,link,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -o $@ $^ $(LDFLAGS) $(HOSTED_LIBS)

$(O)/host-tests/watch_check: $(call object,hosted,host-tests/watch_check.c host-tests/watch_series.c) \
		$(O)/host-tests/libpure.a
	$(call say,link,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -o $@ $^ $(LDFLAGS) $(HOSTED_LIBS)

$(O)/host-tests/stream_check: $(call object,hosted,host-tests/stream_check.c host-tests/stream_model.c) \
		$(O)/host-tests/libpure.a
	$(call say,link,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -o $@ $^ $(LDFLAGS) $(HOSTED_LIBS)

$(O)/host-tests/fleet_check: $(call object,hosted,host-tests/fleet_check.c host-tests/fleet_model.c) \
		$(O)/host-tests/libpure.a
	$(call say,link,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -o $@ $^ $(LDFLAGS) $(HOSTED_LIBS)

$(O)/host-tests/stats_bench: $(O)/hosted/host-tests/stats_bench.c.o $(O)/host-tests/libpure.a
	$(call say,link,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_CC) -pie $(SANFLAGS) $(CFLAGS) -o $@ $^ $(LDFLAGS) -lm

.PHONY: unit-tests
unit-tests: $(TEST_BIN) $(call object,hosted,$(sort $(wildcard fuzz/*.c)))

# The kernels' checks without Criterion, which other architectures' packages lack: run by this CPU,
# or by qemu as several.
SIMD_CHECK_CPUS_aarch64 := cortex-a72 neoverse-n1 a64fx max,sve128=on,sve256=off,sve512=off max,sve-max-vq=2 \
                           max,sve-max-vq=4
# Seconds; those who know how slow the machine is say another.
SIMD_CHECK_LIMIT_S := 600
$(O)/simd-check: $(call object,hosted,host-tests/simd_check.c host-tests/simd_check_main.c) \
		$(filter $(O)/core/simd/%,$(CORE_OBJ))
	$(call say,link,$@)
	$(Q)$(ARCH_CC) $(if $(CROSS),-static,-pie) $(SANFLAGS) $(CFLAGS) -o $@ $^ $(LDFLAGS) -lm

.PHONY: simd-check
simd-check: setup-simd-check $(O)/simd-check ## each kernel against its oracle (ARCH=aarch64: by qemu, as several CPUs)
	$(Q)$(if $(CROSS),for cpu in $(SIMD_CHECK_CPUS_$(ARCH)); do echo "$$cpu"; \
		timeout $(SIMD_CHECK_LIMIT_S) qemu-$(ARCH)-static -cpu $$cpu $(O)/simd-check || exit 1; done, \
		$(O)/simd-check)

# Plain programmes for the thread sanitizer, which Criterion does not work with.
THREAD_BIN := $(patsubst host-tests/threads/%.c,$(O)/threads/%,$(wildcard host-tests/threads/*.c))
$(O)/threads/%: host-tests/threads/%.c $(wildcard mem/*.[ch] host-tests/*.h)
	$(call say,tsan,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(ARCH_CC) $(filter-out -M%,$(HOSTED_FLAGS)) -fsanitize=thread $(CFLAGS) -o $@ $< $(wildcard mem/*.c) \
		-lpthread

.PHONY: thread-tests
thread-tests: $(THREAD_BIN)

.SECONDARY:
-include $(shell find $(O) -name '*.d' 2>/dev/null)

# ---- the two commands and the rest -----------------------------------------------------------------------------------

BOOT  ?=
ACCEL ?=
MODE  ?= takeover
ARGS  ?=
N     ?= 20
SELF  := $(MAKE) --no-print-directory
LAUNCH = tools/run.py --arch '$(ARCH)' --boot '$(BOOT)' --accel '$(ACCEL)' --mode '$(MODE)' \
         --arguments='$(subst ','\'',$(ARGS))' \
         --build '$(if $(SUITES),$(SUITES_BUILD),$(BUILD))' \
         $(if $(CORES),--cores '$(CORES)') $(if $(MEMORY),--memory '$(MEMORY)')

FUZZ_SECONDS ?= 600
RUNS ?= 1

.PHONY: amalgamation
amalgamation: ## pool, TLB and kernels as one .h and .c each, for other trees: build/amalgamation
	@tools/amalgamate.py $(BUILD)/amalgamation

.PHONY: install uninstall deb dist
.PHONY: fuzz setup run debug screenshot test coverage test-system test-avx512 compare-os bench-peers bench-start \
	levels-compare bench-report performance bench-tables counters-table mca stats-bench caps-bench tune-check aa \
	sensitivity repeatability layouts media sign boot-matrix refuse-calls powercut soak simd-profile \
	levels-check tlb-geometry-check watch-check watch-table fleet-check stream-check snippet-check record-cost \
	advise-check \
	history-bench cores-asleep room room-check room-cost os-tax suite-bench check-layers check-format format \
	help clean
setup: setup-test ## install what any target needs and is missing, from Debian's packages; each installs its own, too

run: ## boot, print, save results (ARCH= BOOT=uefi|pvh|flat ACCEL=kvm|tcg MODE=takeover|handback CORES= MEMORY= ARGS=)
	@parts=$$($(LAUNCH) --parts) && $(SELF) ARCH=$(ARCH) $$parts $(if $(CROSS),,hosted)
	$(if $(CROSS),@$(SELF) ARCH=$(HOST_ARCH) hosted)
	@$(LAUNCH)

debug: ## boot the image and wait for gdb, symbols at hand (same choices as run)
	@parts=$$($(LAUNCH) --debug --parts) && $(SELF) ARCH=$(ARCH) $$parts
	@$(LAUNCH) --debug

.PHONY: hosted-charts
hosted-charts: ## the hosted programme with the report's charts in it (installs npm and Chromium)
	@$(SELF) report-charts
	@$(SELF) ARCH=$(HOST_ARCH) hosted

# Where what goes. GNU's names are understood as well (prefix=, bindir=, ...).
PREFIX        ?= $(or $(prefix),/usr/local)
BINDIR        ?= $(or $(bindir),$(PREFIX)/bin)
LIBDIR        ?= $(or $(libdir),$(PREFIX)/lib)
INCLUDEDIR    ?= $(or $(includedir),$(PREFIX)/include)
DATADIR       ?= $(or $(datadir),$(PREFIX)/share)
MANDIR        ?= $(or $(mandir),$(DATADIR)/man)
DOCDIR        ?= $(or $(docdir),$(DATADIR)/doc/anechoic)
PKGCONFIGDIR  ?= $(LIBDIR)/pkgconfig
BASHDIR       ?= $(DATADIR)/bash-completion/completions
ZSHDIR        ?= $(DATADIR)/zsh/site-functions
UNITDIR       ?= $(PREFIX)/lib/systemd/system
IMAGES        ?= $(ARCHES)
PLACES := PREFIX BINDIR LIBDIR INCLUDEDIR DATADIR MANDIR DOCDIR PKGCONFIGDIR BASHDIR ZSHDIR UNITDIR
INSTALL = env DESTDIR='$(subst ','\'',$(DESTDIR))' $(foreach place,$(PLACES),$(place)='$($(place))') BUILD='$(BUILD)' \
          IMAGES='$(IMAGES)' HOST_ARCH=$(HOST_ARCH) HEADERS='$(SUITE_INCLUDED)' LIBS='$(NATIVE_LIBS) -lm -lpthread' \
          tools/install.sh

install: ## programme, library, headers, man page, parts of images (PREFIX=/usr/local DESTDIR= IMAGES="x86_64 aarch64")
	@$(SELF) ARCH=$(HOST_ARCH) library
	$(if $(filter x86_64,$(IMAGES)),@$(SELF) ARCH=x86_64 image-parts)
	$(if $(filter aarch64,$(IMAGES)),@$(SELF) ARCH=aarch64 image-parts)
	@$(INSTALL) install

uninstall: ## remove what `make install` put there (the same PREFIX= and DESTDIR=)
	@$(INSTALL) uninstall

deb: ## the same as Debian's package, build/anechoic_VERSION_ARCH.deb, and what lintian says of it
	@rm -rf $(BUILD)/deb
	@$(SELF) install DESTDIR=$(BUILD)/deb/debian/anechoic PREFIX=/usr UNITDIR=/lib/systemd/system \
		PKGCONFIGDIR=/usr/lib/$(shell gcc -print-multiarch)/pkgconfig \
		ZSHDIR=/usr/share/zsh/vendor-completions >/dev/null
	@tools/deb/build.sh $(BUILD)
	@lintian --fail-on error $(BUILD)/anechoic_*.deb

dist: ## what a release has, each byte of the commit alone: images, loaders, programme, SHA256SUMS in build/dist
	@$(SELF) media
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@rm -rf $(BUILD)/dist && mkdir -p $(BUILD)/dist
	@cp $(BUILD)/media/anechoic.img $(BUILD)/media/anechoic.iso $(BUILD)/media/EFI/BOOT/*.EFI \
		$(BUILD)/x86_64/kernel-pvh.elf $(BUILD)/aarch64/anechoic.Image $(BUILD)/dist/
	@strip -o $(BUILD)/dist/anechoic-$(HOST_ARCH) $(BUILD)/anechoic
	@cd $(BUILD)/dist && sha256sum * >SHA256SUMS && cat SHA256SUMS

test: ## every test; the last line counts them (SAN=1: unit tests and hosted programme under ASan, UBSan)
	@tools/debian_program.sh prometheus build/promtool || true # its test is skipped without
	@tools/debian_program.sh prometheus-node-exporter build/prometheus-node-exporter || true # likewise
	@host-tests/run_tests.py --build '$(BUILD)' $(if $(SAN),--sanitized) $(if $(V),--verbose) \
		$(if $(TESTS),--only '$(TESTS)')

coverage: ## lines that tests without a boot reach, folder by folder (about three minutes)
	@tools/coverage.py --build '$(BUILD)'

test-system: ## the long tests that `make test` leaves out (TESTS=name)
	@tools/debian_program.sh prometheus build/prometheus || true # its test is skipped without
	@tools/debian_program.sh prometheus-node-exporter build/prometheus-node-exporter || true # likewise
	@host-tests/run_tests.py --build '$(BUILD)' --system $(if $(V),--verbose) $(if $(TESTS),--only '$(TESTS)')

test-avx512: ## the UEFI image in Bochs, which has AVX-512
	@$(SELF) ARCH=x86_64 image
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@host-tests/run_tests.py --build '$(BUILD)' --system --only 'avx512'

fuzz: ## what reads strangers' bytes (logs, results, configs, machines) under libFuzzer, FUZZ_SECONDS=600 each
	@$(SELF) ARCH=$(HOST_ARCH) TOOLCHAIN=clang SAN=1 BUILD=$(BUILD)/fuzz \
		CFLAGS=-fsanitize=fuzzer-no-link$(comma)float-cast-overflow fuzz-targets
	@tools/fuzz.sh $(BUILD)/fuzz/san/$(HOST_ARCH)/fuzz $(BUILD)/fuzz/found $(FUZZ_SECONDS)

compare-os: ## hosted twin against image, alternately: ratio of each benchmark, exit 1 beyond 10 %, 77 without KVM
	@$(SELF) ARCH=$(HOST_ARCH) image hosted
	@tools/compare_os.py --build '$(BUILD)' --arguments='$(ARGS)'

levels-compare: ## the same of rows on the memory, each with an interval: exit 1 beyond 5 % (ARGS=--quick)
	@$(SELF) ARCH=$(HOST_ARCH) image hosted
	@tools/compare_os.py --build '$(BUILD)' --levels $(ARGS)

os-tax: ## what Linux costs on this machine, row by row: build/os-tax/os-tax.html, 77 without KVM (ARGS=--quick)
	@$(SELF) ARCH=$(HOST_ARCH) image hosted
	@tools/os_tax.py --build '$(BUILD)' $(ARGS)

room: ## how quiet a core is: image, hosted, and Linux's own tools where they are, DURATION=10 s each, ROUNDS=10
	@$(SELF) ARCH=$(HOST_ARCH) image hosted
	@tools/room.py --build '$(BUILD)' $(if $(DURATION),--duration '$(DURATION)') \
		$(if $(ROUNDS),--rounds '$(ROUNDS)')

suite-bench: ## what it costs that a suite is from outside: time to its first figure, its rows beside ours (N=5)
	@$(SELF) ARCH=$(HOST_ARCH) image hosted
	@tools/suite_bench.py --build '$(BUILD)' --count '$(if $(filter command line,$(origin N)),$(N),5)'

cores-asleep: ## what cores that are started and asleep cost the first one's rows, over N=20 pairs of boots
	@$(SELF) ARCH=$(HOST_ARCH) image
	@tools/cores_asleep.py --build '$(BUILD)' --count '$(N)'

bench-peers: ## ours beside what users would pick instead, and which bars are met (ARGS="--quick --variants copy")
	@$(SELF) ARCH=$(HOST_ARCH) $(BUILD)/bench-peers
	@# jemalloc's thread-local data
	@GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384 $(BUILD)/bench-peers \
		--cpu="$$(python3 tools/microarchitecture.py)" $(ARGS)

simd-profile: ## measure NAME=zen5, say, on a CPU of that kind, and build it in: simd/ARCH/profile_NAME.h
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@test -n '$(NAME)' || { echo "simd-profile: NAME=zen5, say" >&2; exit 2; }
	@$(HOSTED) tune --in-caches --out $(BUILD)/$(NAME).json >$(BUILD)/$(NAME).txt
	@$(HOSTED) export simd-profile $(BUILD)/$(NAME).json >$(BUILD)/profile_$(NAME).h
	@sed -i -e '1i /* SPDX-License-Identifier: Apache-2.0 */' -e 's/simd_profile_tuned/simd_profile_$(NAME)/' \
		$(BUILD)/profile_$(NAME).h
	@clang-format -i $(BUILD)/profile_$(NAME).h
	@mv $(BUILD)/profile_$(NAME).h simd/$(HOST_ARCH)/

tune-check: ## tune this machine RUNS=1 times, and check what was chosen by another program; exit 1: a bar is missed
	@$(SELF) ARCH=$(HOST_ARCH) hosted $(BUILD)/tune-check
	@mkdir -p $(BUILD)/tune
	@for n in $$(seq 1 $(RUNS)); do \
		$(HOSTED) tune --seed $$n --out $(BUILD)/tune/$$n.json >$(BUILD)/tune/$$n.txt; \
		[ $$? -eq 0 -o $$? -eq 3 ] || exit 2; done
	@$(BUILD)/tune-check $$(seq -f '$(BUILD)/tune/%g.json' 1 $(RUNS))

bench-start: ## the way to the first benchmark, part by part: time over N=20 boots, privileged instructions
	@$(SELF) ARCH=$(HOST_ARCH) image
	@tools/bench_start.py --build '$(BUILD)' --count '$(N)'

bench-report: hosted-charts ## when the first chart of a report on 150 benchmarks is drawn, over N=20 openings
	@tools/bench_report.py --count '$(N)'

aa: ## the same binary against itself, N=40 times: share of false alarms (ARGS="tlb", NEIGHBOUR=beside or on: dd)
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@tools/aa.py --build '$(BUILD)' --count '$(if $(filter command line,$(origin N)),$(N),40)' \
		--arguments '$(ARGS)' $(if $(NEIGHBOUR),--neighbour '$(NEIGHBOUR)')

room-check: ## is the word for the room the right one? N=40 short runs, half of them beside dd
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@tools/room_check.py --build '$(BUILD)' --count '$(if $(filter command line,$(origin N)),$(N),40)'

room-cost: ## what watching the room costs a run and its figures, over N=100 pairs of launches
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@tools/room_cost.py --build '$(BUILD)' --count '$(if $(filter command line,$(origin N)),$(N),100)'

sensitivity: ## how often slowdowns of 1, 2 and 5 % are found in N=200 trials (NEIGHBOUR=beside or on: dd meanwhile)
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@tools/sensitivity.py --build '$(BUILD)' --count '$(if $(filter command line,$(origin N)),$(N),200)' \
		$(if $(NEIGHBOUR),--neighbour '$(NEIGHBOUR)')

$(BUILD)/google-loop: host-tests/google_loop.cc
	$(Q)g++ -O2 -o $@ $< -lbenchmark -lpthread

repeatability: ## spread of N=20 runs under load, ours beside Google Benchmark's
	@$(SELF) ARCH=$(HOST_ARCH) hosted $(BUILD)/google-loop
	@tools/repeatability.py --build '$(BUILD)' --google '$(BUILD)/google-loop' --count '$(N)'

layouts: ## what the place of code and data does to figures: variants linked in other orders (ARGS="--quick tlb")
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@$(SELF) ARCH=$(HOST_ARCH) layout-variants
	@$(BUILD)/anechoic layout $(foreach variant,$(VARIANTS), \
		'$(variant) run $(if $(ARGS),$(ARGS),--quick reference tlb/lookup)')

stats-bench: ## what the statistics of 100 benchmarks cost, on one core
	@$(SELF) ARCH=$(HOST_ARCH) $(BUILD)/$(HOST_ARCH)/host-tests/stats_bench
	@$(BUILD)/$(HOST_ARCH)/host-tests/stats_bench

levels-check: ## how often the memory's levels are found, in N=500 made-up machines and in published curves
	@$(SELF) ARCH=$(HOST_ARCH) $(BUILD)/$(HOST_ARCH)/host-tests/levels_check
	@$(BUILD)/$(HOST_ARCH)/host-tests/levels_check host-tests/data/latency_curves.txt \
		$(if $(filter command line,$(origin N)),$(N),500)

tlb-geometry-check: ## how often the geometry of made-up TLBs is found, and that no answer is wrong, N=120 MMUs
	@$(SELF) ARCH=$(HOST_ARCH) $(BUILD)/$(HOST_ARCH)/host-tests/tlb_geometry_check
	@$(BUILD)/$(HOST_ARCH)/host-tests/tlb_geometry_check $(if $(filter command line,$(origin N)),$(N),120)

watch-check: ## how rarely a watch errs on made-up figures, and how soon it sees a change, N=300 watches a regime
	@$(SELF) ARCH=$(HOST_ARCH) $(BUILD)/$(HOST_ARCH)/host-tests/watch_check
	@$(BUILD)/$(HOST_ARCH)/host-tests/watch_check $(if $(filter command line,$(origin N)),$(N),300)

watch-table: ## heights of the CUSUM, simulated on N=3000 series a regime: hosted/watch/cusum_table.h
	@$(SELF) ARCH=$(HOST_ARCH) $(BUILD)/$(HOST_ARCH)/host-tests/watch_check
	@$(BUILD)/$(HOST_ARCH)/host-tests/watch_check table \
		$(if $(filter command line,$(origin N)),$(N),3000) >$(BUILD)/cusum_table.h
	@mv $(BUILD)/cusum_table.h hosted/watch/cusum_table.h

fleet-check: ## how often `history fleet` names made-up machines that are slow, and others, N=200 fleets a case
	@$(SELF) ARCH=$(HOST_ARCH) $(BUILD)/$(HOST_ARCH)/host-tests/fleet_check
	@$(BUILD)/$(HOST_ARCH)/host-tests/fleet_check $(if $(filter command line,$(origin N)),$(N),200)

stream-check: ## advice on software TLBs against sweeps of streams it has not seen (ARGS="--only gzip"); 1: it missed
	@$(SELF) ARCH=$(HOST_ARCH) hosted stream-plugin $(BUILD)/$(HOST_ARCH)/host-tests/stream_check
	@tools/stream_check.py --build '$(BUILD)' $(ARGS)

history-bench: ## how long the history takes over 100,300 rows, and 1,000 benchmarks x 1,000 runs; 1: a bar is missed
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@tools/history_bench.py --build '$(BUILD)'

caps-bench: ## how long `caps` takes over a dump of 64 CPUs, N=20 processes
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@tools/caps_bench.py --build '$(BUILD)' --count $(or $(N),20)

record-cost: ## what `anechoic record` costs ten programs, by `anechoic ab`, in 2 minutes; 1: a bar is missed
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@tools/record_cost.py

advise-check: ## whether what `anechoic advise` predicts of loads comes true (ARGS=--quick, --fresh, --classes)
	@$(SELF) ARCH=$(HOST_ARCH) hosted
	@tools/advise_check.py $(ARGS)

performance: ## all figures of docs/performance.md on this machine, into docs/performance/CPU.md (PARTS=pool)
	@tools/performance.py take --build '$(BUILD)' --parts '$(PARTS)'

bench-tables: ## the tables of docs/performance.md, of the prints in docs/performance/
	@tools/performance.py tables

counters-table: ## which code counts what on which design, of Debian's libpfm4: bench/counters/events_table.c
	@tools/counters_table.py >$(BUILD)/events_table.c && mv $(BUILD)/events_table.c bench/counters/events_table.c

mca: ## loops through llvm-mca: NEON's and SVE's beside the load and store limit, x86_64's lanes beside the best known
	@$(SELF) ARCH=aarch64 $(BUILD)/aarch64/simd-check >/dev/null
	@$(SELF) ARCH=x86_64 $(BUILD)/x86_64/simd-check >/dev/null
	@tools/mca.py --build '$(BUILD)'
	@tools/mca_best.py --build '$(BUILD)'

snippet-check: $(HOSTED) ## 40 latencies as `anechoic snippet` has them, beside LLVM's model of this CPU (30 s)
	@tools/snippet_check.py --build '$(BUILD)'

# A disk and an ISO of the loaders in a folder's EFI/BOOT.
define media_in
@tools/mkimage.sh $(1)/anechoic.img $(1)/EFI/BOOT/*.EFI
	@tools/mkimage.sh $(1)/anechoic.iso $(1)/EFI/BOOT/*.EFI
endef

media: ## what a machine boots from, either architecture's: a disk, an ISO, the files, in build/media
	@$(SELF) ARCH=x86_64 image
	@$(SELF) ARCH=aarch64 image
	@mkdir -p $(BUILD)/media/EFI/BOOT
	@cp $(foreach arch,$(ARCHES),$(BUILD)/$(arch)/$(LOADER_NAME_$(arch))) $(BUILD)/media/EFI/BOOT/
	$(call media_in,$(BUILD)/media)

sign: ## the same, its loaders signed for Secure Boot by a key of yours, in build/signed (KEY=PEM CERT=PEM)
	@test -n '$(KEY)' -a -n '$(CERT)' || { echo "sign: KEY=KEY.pem CERT=CERT.pem" >&2; exit 2; }
	@$(SELF) ARCH=x86_64 image
	@$(SELF) ARCH=aarch64 image
	@tools/sign.sh '$(KEY)' '$(CERT)' $(BUILD)/signed \
		$(foreach arch,$(ARCHES),$(BUILD)/$(arch)/$(LOADER_NAME_$(arch)))
	$(call media_in,$(BUILD)/signed)

boot-matrix: ## boot each machine, firmware, medium and option that there is a row of (ROWS="NVMe PVH"); 1: one is wrong
	@$(SELF) ARCH=x86_64 image test-applications
	@$(SELF) ARCH=aarch64 image test-applications
	@tools/boot_matrix.py --build '$(BUILD)' $(ROWS)

refuse-calls: ## refuse each call of the firmware that the loader makes, at its 1st, 2nd and 3rd use (WAYS=takeover)
	@$(SELF) ARCH=x86_64 image test-applications
	@$(SELF) ARCH=aarch64 image test-applications
	@tools/refuse_calls.py --build '$(BUILD)' $(WAYS)

powercut: ## kill the machine N=20 times on each handback way, boot again, count what was lost; calls add up
	@$(SELF) ARCH=x86_64 image
	@$(SELF) ARCH=aarch64 image
	@tools/powercut.py --build '$(BUILD)' --count '$(N)'

soak: ## boot N=20 times on each way in, count failures; calls add up
	@$(SELF) ARCH=x86_64 image
	@$(SELF) ARCH=aarch64 image
	@tools/soak.py --build '$(BUILD)' --count '$(N)'

screenshot: ## boot with a framebuffer under TCG, save the screen as PNG
	@$(SELF) ARCH=$(ARCH) image
	@tools/screenshot.py --build '$(BUILD)' --arch '$(ARCH)'

check-layers: ## the arrows of docs/architecture.md, from real includes and symbols
	@$(SELF) ARCH=x86_64 image hosted
	@$(SELF) ARCH=aarch64 image
	@host-tests/check_layers.py --build '$(BUILD)'

FORMATTED = $(sort $(wildcard $(shell git ls-files -co --exclude-standard '*.c' '*.cc' '*.h')))
check-format: ## C sources are as .clang-format says, no text anywhere is wider than 120 columns or ends in blanks
	@clang-format --dry-run --Werror $(FORMATTED)
	@tools/check_format.py

format: ## bring C sources and the ends of all lines into that form (tools/check_format.py --wrap FILE wraps comments)
	@clang-format -i $(FORMATTED)
	@tools/check_format.py --fix

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{ \
		line = sprintf("%-20s", $$1); count = split($$2, words, " "); \
		for (i = 1; i <= count; i++) { \
			if (length(line) + length(words[i]) > 79) { print line; line = sprintf("%20s", "") } \
			line = line (length(line) > 20 ? " " : "") words[i] } \
		print line }'

clean: ## remove all that was built but newlib, and libfdt's sources
	rm -rf $(filter-out $(BUILD)/newlib $(BUILD)/libfdt,$(wildcard $(BUILD)/*))
