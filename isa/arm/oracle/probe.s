@ Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
@ A static program without a C library: it reads batches of cases from standard input and writes the results.
@ The layout of a case, the addresses and the batch size are those of tests/src/probe; the state is that of the description
@ beside it: r0 to r12, sp, lr, the status register's flags, then d0 to d31.
.syntax unified
.arm
.arch armv7-a
.fpu neon

.equ BASE,    0x10000000
.equ SLOTS,   BASE + 0x1000
.equ DATA,    BASE + 0x2000
.equ INPUT,   0x10100000
.equ OUTPUT,  0x10200000
.equ STACK,   0x10300000
.equ ALTSTACK,0x10310000
.equ SCRATCH, 0x20000000

.equ AT_SP,    52
.equ AT_LR,    56
.equ AT_FLAGS, 60
.equ AT_D,     64
.equ STATE_BYTES,  320
.equ CODE_BYTES,   32
.equ PAGE_BYTES,   4096
.equ CASE_BYTES,   STATE_BYTES + CODE_BYTES + PAGE_BYTES
.equ RESULT_BYTES, 16 + STATE_BYTES + PAGE_BYTES
.equ SLOT_BYTES,   64
.equ SLOT_CODE,    16

@ Written for every case, so kept off the pages that hold code.
.equ SAVED_LR, 0
.equ LEFT,     4
.equ CASE,     8
.equ RESULT,   12
.equ SLOT,     16

.equ SYS_exit, 1
.equ SYS_read, 3
.equ SYS_write, 4
.equ SYS_rt_sigaction, 174
.equ SYS_sigaltstack, 186

.macro constant reg, value
    movw \reg, #((\value) & 0xffff)
    movt \reg, #(((\value) >> 16) & 0xffff)
.endm

@ BL would ask for a linker, which knows whether there is Thumb code at the target.
.macro call target
    adr  lr, 9f
    b    \target
9:
.endm

.text
.globl _start
_start:
    adr  r0, altstack
    mov  r1, #0
    mov  r7, #SYS_sigaltstack
    svc  #0
    adr  r4, signals
1:  ldrb r0, [r4], #1
    cmp  r0, #0
    beq  next_batch
    adr  r1, action
    mov  r2, #0
    mov  r3, #8
    mov  r7, #SYS_rt_sigaction
    svc  #0
    b    1b

next_batch:
    constant r4, INPUT
    mov  r5, #8
    call read_all
    constant r4, INPUT
    ldr  r6, [r4]                   @ number of cases
    constant r0, CASE_BYTES
    mul  r5, r6, r0
    call read_all

    @ All code is written before any of it runs, so that the translation of a page is thrown away once a batch.
    constant r0, INPUT + STATE_BYTES
    constant r1, SLOTS + SLOT_CODE
    constant r3, CASE_BYTES
    mov  r2, r6
1:  vldmia r0, {d0-d3}
    vstmia r1, {d0-d3}
    add  r0, r0, r3
    add  r1, r1, #SLOT_BYTES
    subs r2, r2, #1
    bne  1b

    constant r12, DATA
    str  r6, [r12, #LEFT]
    constant r0, INPUT
    str  r0, [r12, #CASE]
    constant r0, OUTPUT
    str  r0, [r12, #RESULT]
    constant r0, SLOTS
    str  r0, [r12, #SLOT]

run_case:
    constant r12, DATA
    ldr  r0, [r12, #CASE]
    add  r0, r0, #STATE_BYTES + CODE_BYTES
    constant r1, SCRATCH
    call copy_page
    constant r12, DATA
    ldr  lr, [r12, #CASE]
    ldr  r0, [lr, #AT_LR]
    str  r0, [r12, #SAVED_LR]
    ldr  r0, [lr, #AT_FLAGS]
    msr  cpsr_f, r0
    add  r0, lr, #AT_D
    vldmia r0!, {d0-d15}
    vldmia r0, {d16-d31}
    ldr  sp, [lr, #AT_SP]
    ldm  lr, {r0-r12}
    constant lr, DATA
    ldr  pc, [lr, #SLOT]            @ the slot itself restores lr

@ Here every slot ends. The thread register of user programs is the one place that holds lr without disturbing anything.
save:
    mcr  p15, 0, lr, c13, c0, 2
    constant lr, DATA
    ldr  lr, [lr, #RESULT]
    add  lr, lr, #16
    stm  lr, {r0-r12}
    str  sp, [lr, #AT_SP]
    mrs  r0, cpsr
    and  r0, r0, #0xf0000000
    str  r0, [lr, #AT_FLAGS]
    mrc  p15, 0, r0, c13, c0, 2
    str  r0, [lr, #AT_LR]
    add  r0, lr, #AT_D
    vstmia r0!, {d0-d15}
    vstmia r0, {d16-d31}
    mov  r0, #0
    str  r0, [lr, #-16]             @ no signal
    str  r0, [lr, #-12]
    str  r0, [lr, #-8]
    str  r0, [lr, #-4]

finish_case:
    constant sp, STACK
    constant r12, DATA
    ldr  r1, [r12, #RESULT]
    add  r1, r1, #16
    add  r1, r1, #STATE_BYTES
    constant r0, SCRATCH
    call copy_page
    constant r12, DATA
    ldr  r2, [r12, #CASE]
    constant r5, CASE_BYTES
    add  r2, r2, r5
    str  r2, [r12, #CASE]
    ldr  r3, [r12, #RESULT]
    constant r5, RESULT_BYTES
    add  r3, r3, r5
    str  r3, [r12, #RESULT]
    ldr  r4, [r12, #SLOT]
    add  r4, r4, #SLOT_BYTES
    str  r4, [r12, #SLOT]
    ldr  r1, [r12, #LEFT]
    subs r1, r1, #1
    str  r1, [r12, #LEFT]
    bne  run_case

    constant r4, OUTPUT
    sub  r5, r3, r4
1:  mov  r0, #1
    mov  r1, r4
    mov  r2, r5
    mov  r7, #SYS_write
    svc  #0
    cmp  r0, #0
    ble  leave
    add  r4, r4, r0
    subs r5, r5, r0
    bne  1b
    b    next_batch

@ A trap ends the case: r0 is the signal, r1 its siginfo. The handler never returns to the instruction.
on_signal:
    constant r12, DATA
    ldr  r9, [r12, #RESULT]
    ldr  r10, [r1, #12]
    mov  r2, #0
    str  r0, [r9]
    str  r2, [r9, #4]
    str  r10, [r9, #8]
    str  r2, [r9, #12]
    b    finish_case

@ Reads exactly r5 bytes to r4; the end of the input ends the program.
read_all:
    mov  r0, #0
    mov  r1, r4
    mov  r2, r5
    mov  r7, #SYS_read
    svc  #0
    cmp  r0, #0
    ble  leave
    add  r4, r4, r0
    subs r5, r5, r0
    bne  read_all
    bx   lr

leave:
    mov  r7, #SYS_exit
    svc  #0

copy_page:
    mov  r2, #PAGE_BYTES
1:  ldm  r0!, {r3-r10}
    stm  r1!, {r3-r10}
    subs r2, r2, #32
    bne  1b
    bx   lr

signals:
    .byte 4, 5, 7, 8, 11, 0         @ ILL TRAP BUS FPE SEGV
    .balign 4
action:
    .word BASE + (on_signal - _start)
    .word 0x4c000004                @ SIGINFO, ONSTACK, NODEFER, RESTORER
    .word BASE + (leave - _start)
    .word 0, 0
altstack:
    .word ALTSTACK
    .word 0
    .word 0x10000

.org 0x1000
.set slot, 0
.rept 64
    ldr  lr, [pc, #0xff8 - SLOT_BYTES * slot]
    nop
    nop
    nop
    .fill CODE_BYTES / 4, 4, 0xe320f000
    b    save
    .fill 3, 4, 0xe320f000
    .set slot, slot + 1
.endr
