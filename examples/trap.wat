;; Divides by zero: a module in text form is its own source, and a trap names its lines.
(module
  (func $divide (param $by i32)
    i32.const 1 local.get $by
    i32.div_s
    drop)
  (func (export "_start")
    i32.const 0
    call $divide))
