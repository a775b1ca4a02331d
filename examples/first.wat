;; The smallest WASI command there is: one call of fd_write, then the end of _start.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $iovs i32) (param $count i32) (param $written i32) (result i32)))

  (memory (export "memory") 1)

  ;; 0: where fd_write stores how much it wrote; 4: one iovec (address, length); 16: the text
  (data (i32.const 4) "\10\00\00\00\15\00\00\00")
  (data (i32.const 16) "First wasi in WAT...\n")

  (func (export "_start")
    (drop (call $fd_write
      (i32.const 1)      ;; stdout
      (i32.const 4)      ;; address of the iovec
      (i32.const 1)      ;; one of it
      (i32.const 0)))))
