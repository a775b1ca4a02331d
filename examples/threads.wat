;; Three threads add to one number, each a thousand times; the first one waits until they are done and says what came of it.
(module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (export "memory" (memory 0))
  (global $done i32 (i32.const 0))    ;; how many threads are done
  (global $sum i32 (i32.const 4))     ;; what they add to
  (global $text i32 (i32.const 16))
  (data (i32.const 64) " counted together\n")

  (func (export "wasi_thread_start") (param $thread i32) (param $argument i32) (local $left i32)
    (local.set $left (i32.const 1000))
    (loop $again
      (drop (i32.atomic.rmw.add (global.get $sum) (i32.const 1)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (drop (i32.atomic.rmw.add (global.get $done) (i32.const 1)))
    (drop (memory.atomic.notify (global.get $done) (i32.const 1))))

  (func (export "_start") (local $now i32) (local $digit i32)
    (drop (call $spawn (i32.const 0)))
    (drop (call $spawn (i32.const 0)))
    (drop (call $spawn (i32.const 0)))
    (loop $wait
      (local.set $now (i32.atomic.load (global.get $done)))
      (if (i32.lt_u (local.get $now) (i32.const 3)) (then
        (drop (memory.atomic.wait32 (global.get $done) (local.get $now) (i64.const -1)))
        (br $wait))))
    ;; The sum in four digits, then the text.
    (local.set $digit (i32.const 4))
    (local.set $now (i32.load (global.get $sum)))
    (loop $digits
      (local.set $digit (i32.sub (local.get $digit) (i32.const 1)))
      (i32.store8 (i32.add (global.get $text) (local.get $digit)) (i32.add (i32.const 48) (i32.rem_u (local.get $now) (i32.const 10))))
      (local.set $now (i32.div_u (local.get $now) (i32.const 10)))
      (br_if $digits (local.get $digit)))
    (i32.store (i32.const 32) (global.get $text)) (i32.store (i32.const 36) (i32.const 4))
    (i32.store (i32.const 40) (i32.const 64)) (i32.store (i32.const 44) (i32.const 18))
    (drop (call $write (i32.const 1) (i32.const 32) (i32.const 2) (i32.const 48))))
)
