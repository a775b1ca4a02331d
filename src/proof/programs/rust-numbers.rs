// 128-bit integers, floating point as text both ways, and arithmetic at the edges of its types.
fn main() {
    let big: i128 = -170_141_183_460_469_231_731_687_303_715_884_105_728;
    println!("{} {}", big, u128::MAX);
    println!("{} {}", big / 1_000_000_007, big % 1_000_000_007);
    println!("{:?} {:?}", i128::MAX.checked_mul(2), 3_i128.pow(80));
    println!("{:#x} {:o} {:b}", 1_u128 << 100 | 0xdead_beef, 1_u128 << 66, 5_i128);
    println!("{} {}", (1_u128 << 100) as f64, -1.5e30_f64 as i128);
    println!("{:?}", "340282366920938463463374607431768211456".parse::<u128>().is_err());

    for value in [0.1 + 0.2, 1e21, 1e-7, f64::MAX, f64::MIN_POSITIVE, 5e-324, -0.0, f64::NAN, f64::NEG_INFINITY, 123456789.125] {
        println!("{} {:?} {:e} {:.3}", value, value, value, value);
    }
    println!("{} {} {:?}", 0.1_f32, f32::MAX, 16777217_f32);
    println!("{:?} {:?} {:?}", "1.7976931348623157e308".parse::<f64>(), "4.9e-324".parse::<f64>().map(f64::to_bits), "nan?".parse::<f64>().is_err());
    println!("{:>10.2}|{:<8}|{:^+9.1}|{:08.3}", 3.14159, 2.5, 1.25, -1.5);
    println!("{} {} {}", 2.5_f64.round(), (-2.5_f64).trunc(), 7.0_f64.sqrt());
    println!("{:.12} {:.12} {:.12}", 1.0_f64.sin(), 2.0_f64.ln(), 1.5_f64.powf(2.5));
    println!("{} {} {}", 300.7_f32 as u8, -1.0_f64 as u32, f64::NAN as i64);

    println!("{:?} {:?} {:?}", 255_u8.checked_add(1), 250_u8.saturating_add(10), 250_u8.wrapping_add(10));
    println!("{:?} {:?}", i64::MIN.overflowing_neg(), i32::MIN.checked_abs());
    println!("{} {} {}", 40_u64.leading_zeros(), 0xf0_u8.trailing_zeros(), 0xdead_beef_u32.rotate_left(8));
    println!("{} {}", i64::MAX as i32, -1_i32 as u64);
    println!("{:?} {:?}", u32::from_str_radix("zz", 36), (-7_i32).rem_euclid(3));
    println!("{:?}", 0x0102_0304_u32.to_be_bytes());
}
