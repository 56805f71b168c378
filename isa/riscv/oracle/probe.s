# Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
# A static program without a C library: it reads batches of cases from standard input and writes the results.
# The layout of a case, the addresses and the batch size are those of tests/src/probe; the state is that of the description
# beside it: x1 to x30, then the floating-point registers. x31 is the probe's own.
.option norelax
.option norvc
.attribute arch, "rv64imafd_zicsr_zifencei"
.option arch, rv64imafd_zicsr_zifencei

.equ BASE,    0x10000000
.equ SLOTS,   BASE + 0x1000
.equ DATA,    BASE + 0x3000
.equ INPUT,   0x10100000
.equ OUTPUT,  0x10200000
.equ STACK,   0x10300000
.equ ALTSTACK,0x10310000
.equ SCRATCH, 0x20000000

.equ FLOATS,       240
.equ STATE_BYTES,  496
.equ CODE_BYTES,   32
.equ PAGE_BYTES,   4096
.equ CASE_BYTES,   STATE_BYTES + CODE_BYTES + PAGE_BYTES
.equ RESULT_BYTES, 16 + STATE_BYTES + PAGE_BYTES
.equ SLOT_BYTES,   64
.equ SLOT_CODE,    16

# Written for every case, so kept off the pages that hold code.
.equ LEFT,    DATA
.equ CASE,    DATA + 8
.equ RESULT,  DATA + 16
.equ SLOT,    DATA + 24

.equ SYS_read, 63
.equ SYS_write, 64
.equ SYS_exit, 93
.equ SYS_sigaltstack, 132
.equ SYS_rt_sigaction, 134

.text
.globl _start
_start:
    li   a0, DATA + 0x40            # altstack
    li   a1, 0
    li   a7, SYS_sigaltstack
    ecall
    li   s0, DATA + 0x80            # signals
1:  lbu  a0, 0(s0)
    addi s0, s0, 1
    beqz a0, next_batch
    li   a1, DATA + 0x60            # action
    li   a2, 0
    li   a3, 8
    li   a7, SYS_rt_sigaction
    ecall
    j    1b

next_batch:
    li   s0, INPUT
    li   s1, 8
    jal  read_all
    li   s0, INPUT
    ld   s2, 0(s0)                  # number of cases
    li   t0, CASE_BYTES
    mul  s1, s2, t0
    jal  read_all

    # All code is written before any of it runs, so that the translation of a page is thrown away once a batch.
    li   t0, INPUT + STATE_BYTES
    li   t1, SLOTS + SLOT_CODE
    li   t4, CASE_BYTES
    mv   t2, s2
1:  ld   a0, 0(t0)
    ld   a1, 8(t0)
    ld   a2, 16(t0)
    ld   a3, 24(t0)
    sd   a0, 0(t1)
    sd   a1, 8(t1)
    sd   a2, 16(t1)
    sd   a3, 24(t1)
    add  t0, t0, t4
    addi t1, t1, SLOT_BYTES
    addi t2, t2, -1
    bnez t2, 1b
    fence.i

    li   t0, DATA
    sd   s2, 0(t0)
    li   t1, INPUT
    sd   t1, 8(t0)
    li   t1, OUTPUT
    sd   t1, 16(t0)
    li   t1, SLOTS
    sd   t1, 24(t0)

run_case:
    li   t0, CASE
    ld   s0, 0(t0)
    li   t0, STATE_BYTES + CODE_BYTES
    add  a0, s0, t0
    li   a1, SCRATCH
    jal  copy_page
    li   t0, CASE
    ld   t6, 0(t0)
    fscsr zero
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld  f\n, FLOATS + 8 * \n (t6)
    .endr
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    ld   x\n, 8 * (\n - 1) (t6)
    .endr
    li   t6, SLOT
    ld   t6, 0(t6)
    jr   t6

# Here every slot ends.
save:
    li   t6, RESULT
    ld   t6, 0(t6)
    addi t6, t6, 16
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    sd   x\n, 8 * (\n - 1) (t6)
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd  f\n, FLOATS + 8 * \n (t6)
    .endr
    sd   zero, -16(t6)              # no signal
    sd   zero, -8(t6)

finish_case:
    li   sp, STACK
    li   t0, RESULT
    ld   t1, 0(t0)
    li   t2, 16 + STATE_BYTES
    add  a1, t1, t2
    li   a0, SCRATCH
    jal  copy_page
    li   t0, DATA
    ld   t1, 0(t0)
    ld   t2, 8(t0)
    ld   t3, 16(t0)
    ld   t4, 24(t0)
    li   t5, CASE_BYTES
    add  t2, t2, t5
    li   t5, RESULT_BYTES
    add  t3, t3, t5
    addi t4, t4, SLOT_BYTES
    addi t1, t1, -1
    sd   t1, 0(t0)
    sd   t2, 8(t0)
    sd   t3, 16(t0)
    sd   t4, 24(t0)
    beqz t1, 2f
    j    run_case

2:  li   s0, OUTPUT
    sub  s1, t3, s0
1:  li   a0, 1
    mv   a1, s0
    mv   a2, s1
    li   a7, SYS_write
    ecall
    blez a0, leave
    add  s0, s0, a0
    sub  s1, s1, a0
    bnez s1, 1b
    j    next_batch

# Reads exactly s1 bytes to s0; the end of the input ends the program.
read_all:
    li   a0, 0
    mv   a1, s0
    mv   a2, s1
    li   a7, SYS_read
    ecall
    blez a0, leave
    add  s0, s0, a0
    sub  s1, s1, a0
    bnez s1, read_all
    ret

leave:
    li   a0, 0
    li   a7, SYS_exit
    ecall

# Copies a page from a0 to a1.
copy_page:
    li   a2, PAGE_BYTES
1:  ld   a3, 0(a0)
    ld   a4, 8(a0)
    sd   a3, 0(a1)
    sd   a4, 8(a1)
    addi a0, a0, 16
    addi a1, a1, 16
    addi a2, a2, -16
    bnez a2, 1b
    ret

# A trap ends the case: a0 is the signal, a1 its siginfo. The handler never returns to the instruction.
.org 0x0f00
on_signal:
    li   t6, RESULT
    ld   t6, 0(t6)
    ld   t0, 16(a1)
    sd   a0, 0(t6)
    sd   t0, 8(t6)
    j    finish_case

.org 0x1000
.rept 64
    .balign SLOT_BYTES
    nop
    nop
    nop
    nop
    .fill CODE_BYTES / 4, 4, 0x00000013
    j    save
    nop
    nop
    nop
.endr

.org 0x3000
    .quad 0, 0, 0, 0, 0, 0, 0, 0
# 0x40: the alternate stack
    .quad ALTSTACK
    .quad 0
    .quad 0x10000
    .quad 0
# 0x60: the action: SIGINFO, ONSTACK, NODEFER
    .quad BASE + 0x0f00
    .quad 0x48000004
    .quad 0
    .quad 0
# 0x80: ILL TRAP BUS FPE SEGV
    .byte 4, 5, 7, 8, 11, 0
