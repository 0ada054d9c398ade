# SPDX-License-Identifier: Apache-2.0
# Suites of your own in Anechoic as it is installed (docs/suites.md):
#   make -f FOLDER/anechoic.mk hosted SUITES="DIR..."     build/suites/anechoic, the programme on Linux
#   make -f FOLDER/anechoic.mk kernel SUITES="DIR..."     build/suites/ARCH/kernel.elf, with x86_64 kernel-pvh.elf
#   make -f FOLDER/anechoic.mk loader SUITES="DIR..."     build/suites/ARCH/BOOTX64.EFI or BOOTAA64.EFI
#   make -f FOLDER/anechoic.mk image SUITES="DIR..."      build/suites/ARCH/anechoic.img, for a stick, and the kernels
# FOLDER is what `pkg-config --variable=folder anechoic` says. ARCH=x86_64 or aarch64; SUITES_BUILD=DIR for another
# folder than build/suites; V=1 shows the commands. What is linked is the installed archives.

.DEFAULT_GOAL := image
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
HERE := $(dir $(realpath $(lastword $(MAKEFILE_LIST))))
include $(HERE)parts/flags.mk
include $(HERE)tools/link.mk

SUITES       ?=
SUITES_BUILD ?= build/suites
ifeq ($(SUITES),)
$(error SUITES= is to name folders of suites; `anechoic new-suite DIR` writes one)
endif
ifneq ($(if $(CROSS),$(filter hosted,$(MAKECMDGOALS))),)
$(error ARCH=$(ARCH): the programme that is installed is for $(HOST_ARCH))
endif
PARTS := $(HERE)parts/$(ARCH)
ifneq ($(if $(wildcard $(PARTS)/libprogram.a),,$(filter-out hosted,$(or $(MAKECMDGOALS),image))),)
$(error $(PARTS) is not there: Anechoic was installed without images of $(ARCH))
endif
L      := $(SUITES_BUILD)/$(ARCH)
O      := $(L)/own
NEWLIB := $(PARTS)

CORE_FLAGS := $(CORE_FLAGS_$(ARCH)) -I$(HEADERS)
USER_OBJ   := $(PARTS)/libprogram.a
KERNEL_OBJ := $(PARTS)/libkernel.a
PVH_OBJ    := $(wildcard $(PARTS)/libpvh.a)
BOOT_OBJ   := $(PARTS)/libloader.a
HOSTED_OBJ := $(LIBRARY)
HOSTED     := $(SUITES_BUILD)/anechoic

# No compiler for the loader's format is needed for an object that has nothing but bytes in it.
COFF_x86_64  := pe-x86-64
COFF_aarch64 := pe-aarch64-little
HOLD_KERNEL   = $(ARCH_CC) -DKERNEL_PACKED='"$(@D)/kernel.elf.lz4"' -DPACKED_SECTION='.rdata,"a"' -c $< -o $@.elf && \
                $(ARCH_OBJCOPY) -O $(COFF_$(ARCH)) $@.elf $@

# What is installed, by its bytes: the files of a package are of the day of its commit, which may be before that on
# which a suite was linked with the version before it.
BUILT := $(shell find $(HEADERS) $(LIBRARY) $(PARTS) -type f | sort | xargs cat | sha256sum | cut -c1-16)

with_suites = $(1) $(L)/table.o $(SUITE_OBJ)

.PHONY: hosted image kernel loader FORCE
FORCE:
$(foreach layer,core kernel boot,$(eval $(call kept,$(O)/flags/$(layer),$(BUILT) $(ARCH_CC) $(CORE_FLAGS) $(CFLAGS))))
include $(HERE)tools/suites.mk

$(HOSTED): $(call with_suites,$(HOSTED_OBJ))
	$(call say,link,$@)
	$(Q)$(HOSTED_LINK)

hosted: $(HOSTED)
kernel: $(L)/kernel.elf $(if $(PVH_OBJ),$(L)/kernel-pvh.elf)
loader: $(L)/$(LOADER_NAME_$(ARCH))
image: $(L)/anechoic.img kernel
