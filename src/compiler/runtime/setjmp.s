# setjmp and longjmp for sysroots without libsetjmp, linked by `wasienv cc --setjmp`. LLVM's -wasm-enable-sjlj turns
# setjmp into a catch and these calls; a longjmp is an exception whose value is the address of { jmp_buf, value }.
# Assembly, so that no option of the user's own command (-std=, -MD, -Werror, -flto) means anything for it.
# source: llvm/lib/Target/WebAssembly/WebAssemblyLowerEmscriptenEHSjLj.cpp, "Wasm setjmp/longjmp handling".

# A numbered file: else a -g meant for C makes the assembler write DWARF for this, which it cannot for WebAssembly.
	.file	1 "setjmp.s"

	.functype	realloc (i32, i32) -> (i32)

# LLVM before 20 defines the tag in every object, weakly as here; later ones leave it to the runtime.
	.tagtype	__c_longjmp i32
	.weak	__c_longjmp
__c_longjmp:

# void __wasm_longjmp(jmp_buf, int): LLVM's lowering has made of 0 what longjmp makes of it, 1, where it can; here always.
	.section	.text.__wasm_longjmp,"",@
	.hidden	__wasm_longjmp
	.globl	__wasm_longjmp
	.type	__wasm_longjmp,@function
__wasm_longjmp:
	.functype	__wasm_longjmp (i32, i32) -> ()
	i32.const	0
	local.get	0
	i32.store	wasienv_setjmp_thrown
	i32.const	0
	local.get	1
	i32.const	1
	local.get	1
	i32.select
	i32.store	wasienv_setjmp_thrown+4
	i32.const	wasienv_setjmp_thrown
	throw	__c_longjmp
# LLVM before 20 counts the value as still there, later ones anything as there.
	drop
	unreachable
	end_function

# LLVM 19 and later: a jmp_buf holds which setjmp of which call of the function it is from.

# void __wasm_setjmp(jmp_buf, int label, void *invocation)
	.section	.text.__wasm_setjmp,"",@
	.hidden	__wasm_setjmp
	.globl	__wasm_setjmp
	.type	__wasm_setjmp,@function
__wasm_setjmp:
	.functype	__wasm_setjmp (i32, i32, i32) -> ()
	local.get	0
	local.get	2
	i32.store	0
	local.get	0
	local.get	1
	i32.store	4
	end_function

# int __wasm_setjmp_test(jmp_buf, void *invocation): the label, or 0 where the jump goes to a caller
	.section	.text.__wasm_setjmp_test,"",@
	.hidden	__wasm_setjmp_test
	.globl	__wasm_setjmp_test
	.type	__wasm_setjmp_test,@function
__wasm_setjmp_test:
	.functype	__wasm_setjmp_test (i32, i32) -> (i32)
	local.get	0
	i32.load	4
	i32.const	0
	local.get	0
	i32.load	0
	local.get	1
	i32.eq
	i32.select
	end_function

# LLVM 14 to 18: a jmp_buf holds a number of its own, and the calling function a table { number, label }[size + 1] from
# malloc, ended by the number 0. Its size comes back beside the table, in what is called TempRet0.

# void *saveSetjmp(jmp_buf, int label, void *table, int size)
	.section	.text.saveSetjmp,"",@
	.hidden	saveSetjmp
	.globl	saveSetjmp
	.type	saveSetjmp,@function
saveSetjmp:
	.functype	saveSetjmp (i32, i32, i32, i32) -> (i32)
	.local		i32, i32
# local 4: index of the first free entry, or size
	block
	loop
	local.get	4
	local.get	3
	i32.ge_u
	br_if		1
	local.get	2
	local.get	4
	i32.const	3
	i32.shl
	i32.add
	i32.load	0
	i32.eqz
	br_if		1
	local.get	4
	i32.const	1
	i32.add
	local.set	4
	br		0
	end_loop
	end_block
	block
	local.get	4
	local.get	3
	i32.lt_u
	br_if		0
	local.get	2
	local.get	3
	i32.const	1
	i32.shl
	local.tee	3
	i32.const	3
	i32.shl
	i32.const	8
	i32.add
	call	realloc
	local.tee	2
	br_if		0
	unreachable
	end_block
# local 5: the number; the first is 1
	i32.const	0
	i32.const	0
	i32.load	wasienv_setjmp_count
	i32.const	1
	i32.add
	local.tee	5
	i32.store	wasienv_setjmp_count
	local.get	0
	local.get	5
	i32.store	0
	local.get	2
	local.get	4
	i32.const	3
	i32.shl
	i32.add
	local.tee	4
	local.get	5
	i32.store	0
	local.get	4
	local.get	1
	i32.store	4
	local.get	4
	i32.const	0
	i32.store	8
	i32.const	0
	local.get	3
	i32.store	wasienv_setjmp_size
	local.get	2
	end_function

# int testSetjmp(int number, void *table, int size)
	.section	.text.testSetjmp,"",@
	.hidden	testSetjmp
	.globl	testSetjmp
	.type	testSetjmp,@function
testSetjmp:
	.functype	testSetjmp (i32, i32, i32) -> (i32)
	.local		i32, i32
	block
	loop
	local.get	3
	local.get	2
	i32.ge_u
	br_if		1
	local.get	1
	local.get	3
	i32.const	3
	i32.shl
	i32.add
	local.tee	4
	i32.load	0
	i32.eqz
	br_if		1
	local.get	3
	i32.const	1
	i32.add
	local.set	3
	local.get	4
	i32.load	0
	local.get	0
	i32.ne
	br_if		0
	local.get	4
	i32.load	4
	return
	end_loop
	end_block
	i32.const	0
	end_function

# int getTempRet0(void)
	.section	.text.getTempRet0,"",@
	.hidden	getTempRet0
	.globl	getTempRet0
	.type	getTempRet0,@function
getTempRet0:
	.functype	getTempRet0 () -> (i32)
	i32.const	0
	i32.load	wasienv_setjmp_size
	end_function

# { jmp_buf, value } of the longjmp under way: read at once by whoever catches it
	.section	.data.wasienv_setjmp_thrown,"",@
	.type	wasienv_setjmp_thrown,@object
	.p2align	2
wasienv_setjmp_thrown:
	.skip	8
	.size	wasienv_setjmp_thrown, 8

	.section	.data.wasienv_setjmp_count,"",@
	.type	wasienv_setjmp_count,@object
	.p2align	2
wasienv_setjmp_count:
	.int32	0
	.size	wasienv_setjmp_count, 4

	.section	.data.wasienv_setjmp_size,"",@
	.type	wasienv_setjmp_size,@object
	.p2align	2
wasienv_setjmp_size:
	.int32	0
	.size	wasienv_setjmp_size, 4
