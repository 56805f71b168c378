# Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
# A static program of the n64 ABI without a C library, for either byte order: it reads batches of cases from standard input
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

.equ AT_HI,   232
.equ AT_LO,   240
.equ AT_FCSR, 248
.equ AT_F,    256
.equ STATE_BYTES,  512
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

.equ SYS_read, 5000
.equ SYS_write, 5001
.equ SYS_rt_sigaction, 5013
.equ SYS_exit, 5058
.equ SYS_sigaltstack, 5129

.macro address reg, value
    lui  \reg, (\value) >> 16
    ori  \reg, \reg, (\value) & 0xffff
.endm

# What is done to each general register of the state, with its place.
.macro general what, base
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25
    \what $\n, 8 * (\n - 1)(\base)
    .endr
    .irp n, 28,29,30,31
    \what $\n, 8 * (\n - 3)(\base)
    .endr
.endm

.text
.globl _start
_start:
    address $4, VARS + ALT
    move $5, $0
    li   $2, SYS_sigaltstack
    syscall
    address $16, VARS + SIGNALS
1:  lbu  $4, 0($16)
    beqz $4, next_batch
    daddiu $16, $16, 1
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
    dmultu $18, $8
    bal  read_all
    mflo $17

# All code is written before any of it runs, so that the translation of a page is thrown away once a batch.
    address $8, INPUT + STATE_BYTES
    address $9, SLOTS + 16
    move $10, $18
1:  ld   $4, 0($8)
    ld   $5, 8($8)
    ld   $6, 16($8)
    ld   $7, 24($8)
    sd   $4, 0($9)
    sd   $5, 8($9)
    sd   $6, 16($9)
    sd   $7, 24($9)
    daddiu $8, $8, CASE_BYTES
    daddiu $10, $10, -1
    bnez $10, 1b
    daddiu $9, $9, 64
    address $8, VARS
    sd   $18, LEFT($8)
    address $9, INPUT
    sd   $9, CASE($8)
    address $9, OUTPUT
    sd   $9, RESULT($8)
    address $9, SLOTS
    sd   $9, SLOT($8)

run_case:
    address $16, VARS
    ld   $17, CASE($16)
    daddiu $4, $17, STATE_BYTES + CODE_BYTES
    address $5, SCRATCH
    bal  copy_page
    nop
    move $4, $17
    bal  turn
    li   $5, STATE_BYTES / 8
    move $27, $17
    ld   $8, AT_HI($27)
    mthi $8
    ld   $8, AT_LO($27)
    mtlo $8
    ld   $8, AT_FCSR($27)
    ctc1 $8, $31
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ldc1 $f\n, AT_F + 8 * \n($27)
    .endr
    ld   $26, SLOT($16)
    general ld, $27
    jr   $26
    nop

# Here every slot ends.
save:
    address $27, VARS
    ld   $27, RESULT($27)
    daddiu $27, $27, 16
    general sd, $27
    mfhi $8
    sd   $8, AT_HI($27)
    mflo $8
    sd   $8, AT_LO($27)
    cfc1 $8, $31
    sd   $8, AT_FCSR($27)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sdc1 $f\n, AT_F + 8 * \n($27)
    .endr
    sd   $0, -16($27)               # no signal
    sd   $0, -8($27)

finish_case:
    address $16, VARS
    ld   $17, RESULT($16)
    move $4, $17
    bal  turn
    li   $5, 2 + STATE_BYTES / 8
    address $4, SCRATCH
    bal  copy_page
    daddiu $5, $17, 16 + STATE_BYTES
    ld   $8, CASE($16)
    daddiu $8, $8, CASE_BYTES
    sd   $8, CASE($16)
    daddiu $17, $17, RESULT_BYTES
    sd   $17, RESULT($16)
    ld   $8, SLOT($16)
    daddiu $8, $8, 64
    sd   $8, SLOT($16)
    ld   $8, LEFT($16)
    daddiu $8, $8, -1
    bnez $8, run_case
    sd   $8, LEFT($16)

    address $16, OUTPUT
    dsubu $17, $17, $16
1:  li   $4, 1
    move $5, $16
    move $6, $17
    li   $2, SYS_write
    syscall
    bnez $7, leave
    daddu $16, $16, $2
    dsubu $17, $17, $2
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
    daddu $16, $16, $2
    dsubu $17, $17, $2
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
1:  ld   $7, 0($4)
    sd   $7, 0($5)
    daddiu $4, $4, 8
    daddiu $6, $6, -8
    bnez $6, 1b
    daddiu $5, $5, 8
    jr   $31
    nop

# Turns $5 words of eight bytes from $4 on between the guest's order and little-endian order.
turn:
    address $8, VARS + ONE
    lbu  $8, 0($8)
    bnez $8, 2f
    nop
1:  .irp n, 0,1,2,3
    lbu  $8, \n($4)
    lbu  $9, 7 - \n($4)
    sb   $8, 7 - \n($4)
    sb   $9, \n($4)
    .endr
    daddiu $5, $5, -1
    bnez $5, 1b
    daddiu $4, $4, 8
2:  jr   $31
    nop

# A trap ends the case: $4 is the signal, $5 its siginfo. The handler never returns to the instruction.
.org 0x0f00
on_signal:
    address $27, VARS
    ld   $27, RESULT($27)
    ld   $8, 16($5)
    sd   $4, 0($27)
    sd   $8, 8($27)
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
    .8byte 0x10310000
    .8byte 0x10000
    .4byte 0, 0
    .8byte 0
# ACTION: SIGINFO, ONSTACK, NODEFER
    .4byte 0x48000008, 0
    .8byte BASE + 0x0f00
    .8byte 0, 0
# SIGNALS: ILL TRAP FPE BUS SEGV
    .byte 4, 5, 8, 10, 11, 0
