# SPDX-License-Identifier: Apache-2.0
# Suites from outside: each folder's sources, compiled as the core is and linked by themselves, and a
# table of them. Nothing is defined here where SUITES names none.

ifneq ($(SUITES),)
# Not every shell knows the home folder behind a =.
override SUITES := $(patsubst ~/%,$(HOME)/%,$(SUITES))
SUITES_COMPLAINT := $(shell $(HERE)tools/suite.sh check $(ARCH) $(foreach dir,$(SUITES),'$(subst ','\'',$(dir))'))
ifneq ($(SUITES_COMPLAINT),)
$(error $(SUITES_COMPLAINT))
endif

# A folder of theirs alone: no name of a suite is that of a file of ours beside it.
SUITE_L := $(L)/outside

SUITE_HEADERS := $(addprefix $(SUITES_BUILD)/include/,$(SUITE_INCLUDED))
$(SUITES_BUILD)/include/%.h: $(addsuffix /,$(HEADERS))%.h $(O)/flags/core
	@mkdir -p $(@D)
	@cp $< $@

SUITE_FLAGS := $(filter-out -W% -I% -std=%,$(CORE_FLAGS)) -Wall -Wextra -Wno-unused-parameter \
               -I$(SUITES_BUILD)/include $(SANFLAGS)
SUITE_C     := -std=gnu11
SUITE_CXX   := -std=gnu++17 -fno-exceptions -fno-rtti -fno-threadsafe-statics -Wno-missing-field-initializers
SUITE_TOOLS := LD='$(ARCH_LD)' NM='$(CROSS)nm' OBJCOPY='$(ARCH_OBJCOPY)' READELF='$(CROSS)readelf' \
               HEADERS='$(SUITE_HEADERS)'

suite_name  = $(notdir $(abspath $(1)))
suite_made  = $(SUITE_L)/$(call suite_name,$(1))
suite_files = $(wildcard $(foreach ending,$(2),$(abspath $(1))/*.$(ending) $(abspath $(1))/$(ARCH)/*.$(ending)))
suite_own   = $(shell $(HERE)tools/suite.sh flags '$(abspath $(1))')
suite_built = $(patsubst $(abspath $(1))/%,$(call suite_made,$(1))/%.o,$(call suite_files,$(1),c cc cpp S))

# $(1) folder, $(2) ending, $(3) compiler, $(4) its flags
define suite_rule
$(call suite_made,$(1))/%.$(2).o: $(abspath $(1))/%.$(2) $(call suite_made,$(1))/flags | $(SUITE_HEADERS)
	@mkdir -p $$(@D)
	$$(call say,suite,$$<)
	$$(Q)$(3) $(4) $(SUITE_FLAGS) -ffile-prefix-map=$(abspath $(1))=$(call suite_name,$(1)) $(call suite_own,$(1)) \
		$$(CFLAGS) -c $$< -o $$@
endef

# An archive is taken anew when it changes, a source when it comes or goes, all of it when the folder is another one of
# the name, whose files may be older than what was made of the first's.
define suite
$(call kept,$(call suite_made,$(1))/flags,$(abspath $(1)) $(BUILT) $(ARCH_CC) $(ARCH_CXX) \
	$(SUITE_FLAGS) $(call suite_own,$(1)) $(CFLAGS))
$(call kept,$(call suite_made,$(1))/files,$(call suite_files,$(1),c cc cpp S a))
$(call suite_rule,$(1),c,$(ARCH_CC),$(SUITE_C))
$(call suite_rule,$(1),cc,$(ARCH_CXX),$(SUITE_CXX))
$(call suite_rule,$(1),cpp,$(ARCH_CXX),$(SUITE_CXX))
$(call suite_rule,$(1),S,$(ARCH_CC),)
$(call suite_made,$(1)).o: $(call suite_built,$(1)) $(call suite_files,$(1),a) \
		$(call suite_made,$(1))/files $(HERE)tools/suite.sh $(HERE)tools/suite_calls.txt
	$$(call say,suite,$$@)
	$$(Q)$(SUITE_TOOLS) $(HERE)tools/suite.sh link $$@ $(call suite_name,$(1)) $$(filter %.o %.a,$$^)
endef
$(foreach dir,$(SUITES),$(eval $(call suite,$(dir))))

ifneq ($(filter %.cc %.cpp,$(foreach dir,$(SUITES),$(call suite_files,$(dir),cc cpp))),)
NEEDS_hosted += c++ $(if $(CROSS),cross-c++)
NEEDS_image  += c++ $(if $(CROSS),cross-c++)
endif

SUITE_NAMES := $(foreach dir,$(SUITES),$(call suite_name,$(dir)))
SUITE_OBJ   := $(SUITE_NAMES:%=$(SUITE_L)/%.o)
$(eval $(call kept,$(L)/names,$(SUITE_NAMES)))
$(L)/table.o: $(SUITE_OBJ) $(L)/names $(O)/flags/core $(HERE)tools/suite.sh \
		$(addprefix $(addsuffix /,$(HEADERS)),bench/outside/link.h bench/benchmark.h)
	$(Q)$(HERE)tools/suite.sh table $(@:.o=.c) $(foreach name,$(SUITE_NAMES),$(name)=$(SUITE_L)/$(name).o)
	$(Q)$(ARCH_CC) $(filter-out -MMD -MP,$(CORE_FLAGS)) $(SANFLAGS) $(CFLAGS) -c $(@:.o=.c) -o $@

$(L)/program.elf: $(HERE)linker/program.ld $(CORE_OBJ) $(call with_suites,$(USER_OBJ))
	$(call say,link,$@)
	$(Q)$(PROGRAM_LINK)
$(eval $(call image_around,$(L)))

-include $(shell find $(SUITE_NAMES:%=$(SUITE_L)/%) -name '*.d' 2>/dev/null)
endif
