# SPDX-License-Identifier: Apache-2.0
# What a file of this folder is compiled with beside everybody's flags: by the last part of its name, its
# instruction set, and what single files use besides. No other file may be compiled with these; variants.c asks a
# CPU for no more and no less.

ISA_FLAGS_scalar := -fno-tree-vectorize -fno-tree-slp-vectorize
ISA_FLAGS_fma3   := $(ISA_FLAGS_scalar) -mfma
ISA_FLAGS_fmadd  := $(ISA_FLAGS_scalar)
ISA_FLAGS_popcnt := -mpopcnt
ISA_FLAGS_pclmul := -msse4.2 -mpclmul
ISA_FLAGS_avx    := -mavx
ISA_FLAGS_avx2   := -mavx2
ISA_FLAGS_avx512 := -mavx512f
ISA_FLAGS_sve    := -march=armv8-a+sve

ISA_FLAGS_crc32c_avx                := -mbmi2 -msse4.2 -mpclmul
ISA_FLAGS_scan_avx2                 := -mbmi -mbmi2
ISA_FLAGS_lanes_avx2                := -mbmi2
ISA_FLAGS_copy_avx512               := -mavx512bw -mavx512vl
ISA_FLAGS_fill_avx512               := -mavx512bw -mavx512vl
ISA_FLAGS_scan_avx512               := -mavx512bw -mbmi -mbmi2
ISA_FLAGS_sum_avx512                := -mavx512dq -mavx512vl
ISA_FLAGS_hash_avx512               := -mavx512dq -mavx512vl
ISA_FLAGS_hash_evex_avx512          := -mavx512dq -mavx512vl
ISA_FLAGS_lanes_avx512              := -mavx512bw -mavx512dq -mbmi2
ISA_FLAGS_lanes_evex_avx512         := -mavx512bw -mavx512dq -mavx512vl -mbmi2
ISA_FLAGS_lanes_vbmi_avx512         := -mavx512bw -mavx512vl -mbmi2
ISA_FLAGS_popcount_avx512           := -mavx512bw
ISA_FLAGS_popcount_evex_avx512      := -mavx512dq -mavx512vl
ISA_FLAGS_popcount_vpopcntdq_avx512 := -mavx512dq -mavx512vl -mbmi2
ISA_FLAGS_crc32c_avx512             := -mavx512dq -mavx512vl -mbmi2 -msse4.2 -mpclmul
ISA_FLAGS_crc32c_evex_avx512        := -mavx512vl -mbmi2 -msse4.2 -mpclmul

# $(call isa_flags,path of a source)
isa_flags = $(ISA_FLAGS_$(lastword $(subst _, ,$(basename $(notdir $(1)))))) $(ISA_FLAGS_$(basename $(notdir $(1))))
