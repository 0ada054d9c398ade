// SPDX-License-Identifier: Apache-2.0
//! Numbers of seven bits a byte, the last without the top bit, as protocols write them. No operating system, and no
//! panic: what could go out of bounds is asked for by `get`.
#![no_std]

use core::panic::PanicInfo;
use core::slice;

/// Writes `value` and returns how many bytes that took, 10 at the most; 0: they do not fit.
///
/// # Safety
/// `to` is the caller's, of `capacity` bytes.
#[no_mangle]
pub unsafe extern "C" fn varint_write(mut value: u64, to: *mut u8, capacity: usize) -> usize {
    let bytes = slice::from_raw_parts_mut(to, capacity);
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = value as u8 & 0x7f;
        value >>= 7;
        if value == 0 {
            return index + 1;
        }
        *byte |= 0x80;
    }
    0
}

/// The sum of all numbers in `length` bytes; one that is cut off counts as far as it is there.
///
/// # Safety
/// `from` is the caller's, of `length` bytes.
#[no_mangle]
pub unsafe extern "C" fn varint_sum(from: *const u8, length: usize) -> u64 {
    let (mut sum, mut value, mut shift) = (0u64, 0u64, 0u32);
    for &byte in slice::from_raw_parts(from, length) {
        value |= u64::from(byte & 0x7f).wrapping_shl(shift);
        shift += 7;
        if byte & 0x80 == 0 {
            sum = sum.wrapping_add(value);
            value = 0;
            shift = 0;
        }
    }
    sum.wrapping_add(value)
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    loop {}
}
