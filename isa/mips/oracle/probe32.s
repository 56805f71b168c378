# Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
# A static program of the o32 ABI without a C library, for either byte order: it reads batches of cases from standard input
# and writes the results. The layout of a case, the addresses and the batch size are those of tests/src/probe; numbers and
# states come and go in little-endian order. The state is that of the descriptions beside it; r26 and r27 are the probe's own.
.set noreorder
.set noat

.equ BASE,    0x10000000
.equ VARS,    0x10003000
.equ INPUT,   0x10100000
.equ OUTPUT,  0x10200000
.equ STACK,   0x10300000
.equ SCRATCH, 0x20000000
.equ SLOTS,   0x10001000

.equ AT_HI,   116
.equ AT_LO,   120
.equ AT_FCSR, 124
.equ AT_F,    128
.equ STATE_BYTES,  256
.equ CODE_BYTES,   32
.equ PAGE_BYTES,   4096
.equ CASE_BYTES,   STATE_BYTES + CODE_BYTES + PAGE_BYTES
.equ RESULT_BYTES, 16 + STATE_BYTES + PAGE_BYTES

.equ LEFT,    0
.equ CASE,    8
.equ RESULT,  16
.equ SLOT,    24
.equ ONE,     32
.equ ALT,     64
.equ ACTION,  96
.equ SIGNALS, 128

.equ SYS_read, 4003
.equ SYS_write, 4004
.equ SYS_rt_sigaction, 4194
.equ SYS_exit, 4001
.equ SYS_sigaltstack, 4206
.equ SYS_prctl, 4192
.equ PR_SET_FP_MODE, 45

.macro address reg, value
    lui  \reg, (\value) >> 16
    ori  \reg, \reg, (\value) & 0xffff
.endm

# What is done to each general register of the state, with its place.
.macro general what, base
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
    \what $\n, 4 * (\n - 1)(\base)
    .endr
    .irp n, 28,29,30,31
    \what $\n, 4 * (\n - 3)(\base)
    .endr
.endm

.text
.globl _start
_start:
    li   $4, PR_SET_FP_MODE         # doubles in pairs of registers, as Go's programs have them
    move $5, $0
    li   $2, SYS_prctl
    syscall
    address $4, VARS + ALT
    move $5, $0
    li   $2, SYS_sigaltstack
    syscall
    address $16, VARS + SIGNALS
1:  lbu  $4, 0($16)
    beqz $4, next_batch
    addiu $16, $16, 1
    address $5, VARS + ACTION
    move $6, $0
    li   $7, 16
    li   $2, SYS_rt_sigaction
    syscall
    b    1b
    nop

next_batch:
    address $16, INPUT
    bal  read_all
    li   $17, 8
    address $16, INPUT
    lbu  $18, 0($16)                # number of cases
    li   $8, CASE_BYTES
    multu $18, $8
    bal  read_all
    mflo $17

# All code is written before any of it runs, so that the translation of a page is thrown away once a batch.
    address $8, INPUT + STATE_BYTES
    address $9, SLOTS + 16
    move $10, $18
1:
    .irp n, 0,4,8,12,16,20,24,28
    lw   $4, \n($8)
    sw   $4, \n($9)
    .endr
    addiu $8, $8, CASE_BYTES
    addiu $10, $10, -1
    bnez $10, 1b
    addiu $9, $9, 64
    address $8, VARS
    sw   $18, LEFT($8)
    address $9, INPUT
    sw   $9, CASE($8)
    address $9, OUTPUT
    sw   $9, RESULT($8)
    address $9, SLOTS
    sw   $9, SLOT($8)

run_case:
    address $16, VARS
    lw   $17, CASE($16)
    addiu $4, $17, STATE_BYTES + CODE_BYTES
    address $5, SCRATCH
    bal  copy_page
    nop
    move $4, $17
    bal  turn
    li   $5, STATE_BYTES / 4
    move $27, $17
    lw   $8, AT_HI($27)
    mthi $8
    lw   $8, AT_LO($27)
    mtlo $8
    lw   $8, AT_FCSR($27)
    ctc1 $8, $31
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    lwc1 $f\n, AT_F + 4 * \n($27)
    .endr
    lw   $26, SLOT($16)
    general lw, $27
    jr   $26
    nop

# Here every slot ends.
save:
    address $27, VARS
    lw   $27, RESULT($27)
    addiu $27, $27, 16
    general sw, $27
    mfhi $8
    sw   $8, AT_HI($27)
    mflo $8
    sw   $8, AT_LO($27)
    cfc1 $8, $31
    sw   $8, AT_FCSR($27)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    swc1 $f\n, AT_F + 4 * \n($27)
    .endr
    .irp n, -16,-12,-8,-4               # no signal
    sw   $0, \n($27)
    .endr

finish_case:
    address $16, VARS
    lw   $17, RESULT($16)
    move $4, $17
    bal  turn
    li   $5, 4 + STATE_BYTES / 4
    address $4, SCRATCH
    bal  copy_page
    addiu $5, $17, 16 + STATE_BYTES
    lw   $8, CASE($16)
    addiu $8, $8, CASE_BYTES
    sw   $8, CASE($16)
    addiu $17, $17, RESULT_BYTES
    sw   $17, RESULT($16)
    lw   $8, SLOT($16)
    addiu $8, $8, 64
    sw   $8, SLOT($16)
    lw   $8, LEFT($16)
    addiu $8, $8, -1
    bnez $8, run_case
    sw   $8, LEFT($16)

    address $16, OUTPUT
    subu $17, $17, $16
1:  li   $4, 1
    move $5, $16
    move $6, $17
    li   $2, SYS_write
    syscall
    bnez $7, leave
    addu $16, $16, $2
    subu $17, $17, $2
    bnez $17, 1b
    nop
    b    next_batch
    nop

# Reads exactly $17 bytes to $16; the end of the input ends the program.
read_all:
    move $19, $31
1:  move $4, $0
    move $5, $16
    move $6, $17
    li   $2, SYS_read
    syscall
    bnez $7, leave
    nop
    beqz $2, leave
    addu $16, $16, $2
    subu $17, $17, $2
    bnez $17, 1b
    nop
    jr   $19
    nop

leave:
    move $4, $0
    li   $2, SYS_exit
    syscall

# Copies a page from $4 to $5.
copy_page:
    li   $6, PAGE_BYTES
1:  lw   $7, 0($4)
    sw   $7, 0($5)
    addiu $4, $4, 4
    addiu $6, $6, -4
    bnez $6, 1b
    addiu $5, $5, 4
    jr   $31
    nop

# Turns $5 words of four bytes from $4 on between the guest's order and little-endian order.
turn:
    address $8, VARS + ONE
    lbu  $8, 0($8)
    bnez $8, 2f
    nop
1:  .irp n, 0,1
    lbu  $8, \n($4)
    lbu  $9, 3 - \n($4)
    sb   $8, 3 - \n($4)
    sb   $9, \n($4)
    .endr
    addiu $5, $5, -1
    bnez $5, 1b
    addiu $4, $4, 4
2:  jr   $31
    nop

# A trap ends the case: $4 is the signal, $5 its siginfo. The handler never returns to the instruction.
.org 0x0f00
on_signal:
    address $27, VARS
    lw   $27, RESULT($27)
    lw   $8, 12($5)
    sw   $4, 0($27)
    sw   $0, 4($27)
    sw   $8, 8($27)
    sw   $0, 12($27)
    address $29, STACK
    b    finish_case
    nop

.org 0x1000
.rept 64
    nop
    nop
    nop
    nop
    .fill CODE_BYTES / 4, 4, 0
    b    save
    nop
    nop
    nop
.endr

.org 0x3000
    .8byte 0, 0, 0, 0
# ONE
    .4byte 1
    .4byte 0
    .8byte 0, 0, 0
# ALT: the alternate stack
    .4byte 0x10310000, 0x10000, 0, 0
    .8byte 0, 0
# ACTION: SIGINFO, ONSTACK, NODEFER
    .4byte 0x48000008
    .4byte BASE + 0x0f00
    .8byte 0, 0, 0
# SIGNALS: ILL TRAP FPE BUS SEGV
    .byte 4, 5, 8, 10, 11, 0
