// Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
// A static program without a C library: it reads batches of cases from standard input and writes the results.
// The layout of a case, the addresses and the batch size are those of tests/src/probe; the state is that of the description beside it.

.equ BASE,    0x10000000
.equ INPUT,   0x10100000
.equ OUTPUT,  0x10200000
.equ STACK,   0x10300000
.equ ALTSTACK,0x10310000
.equ SCRATCH, 0x20000000

.equ STATE_BYTES,  800
.equ CODE_BYTES,   32
.equ PAGE_BYTES,   4096
.equ CASE_BYTES,   STATE_BYTES + CODE_BYTES + PAGE_BYTES
.equ RESULT_BYTES, 16 + STATE_BYTES + PAGE_BYTES
.equ SLOT_BYTES,   64
.equ SLOT_CODE,    16

.equ AT_SP,   248
.equ AT_NZCV, 256
.equ AT_FPCR, 264
.equ AT_FPSR, 272
.equ AT_V,    288

.equ SYS_read, 63
.equ SYS_write, 64
.equ SYS_exit, 93
.equ SYS_sigaltstack, 132
.equ SYS_rt_sigaction, 134

.text
.globl _start
_start:
    adr  x0, altstack
    mov  x1, xzr
    mov  x8, SYS_sigaltstack
    svc  #0
    adr  x19, signals
1:  ldrb w0, [x19], #1
    cbz  w0, next_batch
    adr  x1, action
    mov  x2, xzr
    mov  x3, #8
    mov  x8, SYS_rt_sigaction
    svc  #0
    b    1b

next_batch:
    ldr  x19, =INPUT
    mov  x20, #8
    bl   read_all
    ldr  x19, =INPUT
    ldr  x21, [x19]                 // number of cases
    mov  x0, #CASE_BYTES
    mul  x20, x21, x0
    bl   read_all

    // All code is written before any of it runs, so that the translation of a page is thrown away once a batch.
    ldr  x0, =INPUT + STATE_BYTES
    ldr  x1, =BASE + 0x1000 + SLOT_CODE
    mov  x2, x21
1:  ldp  q0, q1, [x0]
    stp  q0, q1, [x1]
    add  x0, x0, #CASE_BYTES & 0xfff
    add  x0, x0, #CASE_BYTES & 0xfff000
    add  x1, x1, #SLOT_BYTES
    subs x2, x2, #1
    b.ne 1b

    adr  x0, left
    str  x21, [x0]
    ldr  x1, =INPUT
    str  x1, [x0, #8]
    ldr  x1, =OUTPUT
    str  x1, [x0, #16]
    ldr  x1, =BASE + 0x1000
    str  x1, [x0, #24]

run_case:
    ldr  x30, current_case
    add  x0, x30, #STATE_BYTES + CODE_BYTES
    ldr  x1, =SCRATCH
    bl   copy_page
    ldr  x30, current_case
    ldr  x0, [x30, #240]
    adr  x1, saved_x30
    str  x0, [x1]
    msr  tpidr_el0, xzr
    ldr  x0, [x30, #AT_NZCV]
    msr  nzcv, x0
    ldr  x0, [x30, #AT_FPCR]
    msr  fpcr, x0
    ldr  x0, [x30, #AT_FPSR]
    msr  fpsr, x0
    .irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30
    ldr  q\n, [x30, #AT_V + 16 * \n]
    .endr
    .irp n, 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31
    ldr  q\n, [x30, #AT_V + 16 * \n]
    .endr
    ldr  x0, [x30, #AT_SP]
    mov  sp, x0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
    ldr  x\n, [x30, #8 * \n]
    .endr
    ldr  x30, current_slot
    br   x30                        // the slot itself restores x30

// Here every slot ends. The thread pointer is the one place that holds x30 without disturbing anything else.
save:
    msr  tpidr_el0, x30
    ldr  x30, current_result
    add  x30, x30, #16
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
    str  x\n, [x30, #8 * \n]
    .endr
    mrs  x0, tpidr_el0
    str  x0, [x30, #240]
    mov  x0, sp
    str  x0, [x30, #AT_SP]
    mrs  x0, nzcv
    str  x0, [x30, #AT_NZCV]
    mrs  x0, fpcr
    str  x0, [x30, #AT_FPCR]
    mrs  x0, fpsr
    str  x0, [x30, #AT_FPSR]
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    str  q\n, [x30, #AT_V + 16 * \n]
    .endr
    sub  x30, x30, #16
    stp  xzr, xzr, [x30]            // no signal

finish_case:
    ldr  x0, =STACK
    mov  sp, x0
    msr  fpcr, xzr
    ldr  x1, current_result
    add  x1, x1, #16 + STATE_BYTES
    ldr  x0, =SCRATCH
    bl   copy_page
    adr  x0, left
    ldp  x1, x2, [x0]
    ldp  x3, x4, [x0, #16]
    mov  x5, #CASE_BYTES
    add  x2, x2, x5
    mov  x5, #RESULT_BYTES
    add  x3, x3, x5
    add  x4, x4, #SLOT_BYTES
    stp  x3, x4, [x0, #16]
    subs x1, x1, #1
    stp  x1, x2, [x0]
    b.ne run_case

    ldr  x19, =OUTPUT
    sub  x20, x3, x19
1:  mov  x0, #1
    mov  x1, x19
    mov  x2, x20
    mov  x8, SYS_write
    svc  #0
    cmp  x0, #0
    b.le leave
    add  x19, x19, x0
    subs x20, x20, x0
    b.ne 1b
    b    next_batch

// A trap ends the case: x0 is the signal, x1 its siginfo. The handler never returns to the instruction.
on_signal:
    ldr  x9, current_result
    ldr  x10, [x1, #16]
    stp  x0, x10, [x9]
    b    finish_case

// Reads exactly x20 bytes to x19; the end of the input ends the program.
read_all:
    mov  x0, #0
    mov  x1, x19
    mov  x2, x20
    mov  x8, SYS_read
    svc  #0
    cmp  x0, #0
    b.le leave
    add  x19, x19, x0
    subs x20, x20, x0
    b.ne read_all
    ret

leave:
    mov  x8, SYS_exit
    svc  #0

copy_page:
    mov  x2, #PAGE_BYTES
1:  ldp  q0, q1, [x0], #32
    stp  q0, q1, [x1], #32
    subs x2, x2, #32
    b.ne 1b
    ret

signals:
    .byte 4, 5, 7, 8, 11, 0         // ILL TRAP BUS FPE SEGV
    .balign 16
action:
    .quad BASE + (on_signal - _start)
    .quad 0x4c000004                // SIGINFO, ONSTACK, NODEFER, RESTORER
    .quad BASE + (leave - _start)
    .quad 0
altstack:
    .quad ALTSTACK
    .quad 0
    .quad 0x10000
.ltorg

.org 0x1000
.rept 64
    .balign SLOT_BYTES
    ldr  x30, saved_x30
    nop
    nop
    nop
    .fill CODE_BYTES / 4, 4, 0xd503201f
    b    save
.endr

// Written for every case, so kept off the pages that hold code.
.org 0x3000
left:           .quad 0
current_case:   .quad 0
current_result: .quad 0
current_slot:   .quad 0
saved_x30:      .quad 0
