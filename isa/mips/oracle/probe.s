# Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
# A static program without a C library: it reads batches of cases from standard input and writes the results. The layout of
# a case, the addresses and the batch size are those of tests/src/probe; the state is that of the description beside it.
# One source for four machines: the size of an address says which width is assembled, and the byte order is found out when
# it runs. Everything in a batch has its least significant byte first, as the tests make it, so a big-endian machine turns it.
# r25 takes a case in and out of its slot; r26 and r27 belong to the kernel. None of them is part of the state.
.set noreorder
.set noat

.section .width
.Laddress:
    .dc.a 0
.Lbehind:
.text

.if (.Lbehind - .Laddress) == 8
.equ UNIT, 8
.equ WORDS, 2                       # units in a header's number of 8 bytes, times 2
.macro load r, at, base
    ld   \r, \at(\base)
.endm
.macro store r, at, base
    sd   \r, \at(\base)
.endm
.macro load_float r, at, base
    ldc1 \r, \at(\base)
.endm
.macro store_float r, at, base
    sdc1 \r, \at(\base)
.endm
.equ SYS_read, 5000
.equ SYS_write, 5001
.equ SYS_rt_sigaction, 5013
.equ SYS_exit, 5058
.equ SYS_sigaltstack, 5129
.equ SYS_cacheflush, 5197
.equ SI_ADDRESS, 16
.else
.equ UNIT, 4
.equ WORDS, 4
.macro load r, at, base
    lw   \r, \at(\base)
.endm
.macro store r, at, base
    sw   \r, \at(\base)
.endm
.macro load_float r, at, base
    lwc1 \r, \at(\base)
.endm
.macro store_float r, at, base
    swc1 \r, \at(\base)
.endm
.equ SYS_exit, 4001
.equ SYS_read, 4003
.equ SYS_write, 4004
.equ SYS_cacheflush, 4147
.equ SYS_prctl, 4192
.equ SYS_rt_sigaction, 4194
.equ SYS_sigaltstack, 4206
.equ SI_ADDRESS, 12
.endif

.equ BASE,    0x10000000
.equ SLOTS,   BASE + 0x1000
.equ VARS,    BASE + 0x3000
.equ STATE,   BASE + 0x4000
.equ INPUT,   0x10100000
.equ OUTPUT,  0x10200000
.equ STACK,   0x10300000
.equ SCRATCH, 0x20000000

# r0 to r24, r28 to r31, lo, hi, f0 to f31, fcsr
.equ UNITS,        64
.equ AT_LO,        29 * UNIT
.equ AT_HI,        30 * UNIT
.equ AT_F,         31 * UNIT
.equ AT_FCSR,      63 * UNIT
.equ STATE_BYTES,  UNITS * UNIT
.equ CODE_BYTES,   32
.equ PAGE_BYTES,   4096
.equ CASE_BYTES,   STATE_BYTES + CODE_BYTES + PAGE_BYTES
.equ RESULT_BYTES, 16 + STATE_BYTES + PAGE_BYTES
.equ SLOT_BYTES,   64
.equ SLOT_CODE,    16

# Written for every case, so kept off the pages that hold code.
.equ LEFT,    0
.equ CASE,    8
.equ RESULT,  16
.equ SLOT,    24
.equ HEADER,  32
.equ ORDER,   64
.equ ALTSTACK,0x80
.equ ACTION,  0xa0
.equ SIGNALS, 0xe0

.globl _start
_start:
    li   $16, VARS
    li   $17, 1
    store $17, ORDER, $16           # its first byte is 1 on little-endian machines only
.if UNIT == 4
    li   $4, 45                     # PR_SET_FP_MODE: doubles in pairs of registers, as in Go's programs
    li   $5, 0
    li   $2, SYS_prctl
    syscall
    bnez $7, leave
    nop
.endif
    addiu $4, $16, ALTSTACK
    li   $5, 0
    li   $2, SYS_sigaltstack
    syscall
    addiu $17, $16, SIGNALS
1:  lbu  $4, 0($17)
    addiu $17, $17, 1
    beqz $4, next_batch
    nop
    addiu $5, $16, ACTION
    li   $6, 0
    li   $7, 16
    li   $2, SYS_rt_sigaction
    syscall
    b    1b
    nop

next_batch:
    li   $16, INPUT
    li   $17, 8
    bal  read_all
    nop
    li   $16, VARS
    li   $8, INPUT
    lbu  $18, 0($8)                 # a batch has at most 64 cases
    store $18, LEFT, $16
    li   $9, CASE_BYTES
    multu $18, $9
    mflo $17
    li   $16, INPUT
    bal  read_all
    nop

# All code is written before any of it runs, so that the translation of a page is thrown away once a batch.
    li   $8, INPUT + STATE_BYTES
    li   $9, SLOTS + SLOT_CODE
1:  .irp n, 0,4,8,12,16,20,24,28
    lw   $10, \n($8)
    sw   $10, \n($9)
    .endr
    addiu $8, $8, CASE_BYTES
    addiu $18, $18, -1
    bnez $18, 1b
    addiu $9, $9, SLOT_BYTES
    li   $4, SLOTS
    li   $5, 64 * SLOT_BYTES
    li   $6, 3                      # both caches
    li   $2, SYS_cacheflush
    syscall

    li   $16, VARS
    li   $8, INPUT
    store $8, CASE, $16
    li   $8, OUTPUT
    store $8, RESULT, $16
    li   $8, SLOTS
    store $8, SLOT, $16

run_case:
    li   $16, VARS
    load $17, CASE, $16
    addiu $4, $17, STATE_BYTES + CODE_BYTES
    li   $5, SCRATCH
    bal  copy_page
    nop
    move $4, $17
    li   $5, STATE
    li   $6, UNITS
    bal  turn
    nop
    li   $25, STATE
    load $8, AT_FCSR, $25
    ctc1 $8, $31
    load $8, AT_LO, $25
    mtlo $8
    load $8, AT_HI, $25
    mthi $8
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    load_float $f\n, AT_F + UNIT * \n, $25
    .endr
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24
    load $\n, UNIT * \n, $25
    .endr
    .irp n, 28,29,30,31
    load $\n, UNIT * (\n - 3), $25
    .endr
    li   $25, VARS
    load $25, SLOT, $25
    jr   $25
    nop

# Here every slot ends.
save:
    li   $25, STATE
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24
    store $\n, UNIT * \n, $25
    .endr
    .irp n, 28,29,30,31
    store $\n, UNIT * (\n - 3), $25
    .endr
    mflo $8
    store $8, AT_LO, $25
    mfhi $8
    store $8, AT_HI, $25
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    store_float $f\n, AT_F + UNIT * \n, $25
    .endr
    cfc1 $8, $31
    store $8, AT_FCSR, $25
    li   $16, VARS
    store $0, HEADER, $16           # no signal
    store $0, HEADER + 8, $16

# Of the header, the units with the signal and its address are set; on 32-bit machines those between are zero.
finish_case:
    li   $29, STACK
    li   $16, VARS
    load $17, RESULT, $16
    addiu $4, $16, HEADER
    move $5, $17
    li   $6, WORDS
    bal  turn
    nop
    li   $4, STATE
    addiu $5, $17, 16
    li   $6, UNITS
    bal  turn
    nop
    li   $4, SCRATCH
    addiu $5, $17, 16 + STATE_BYTES
    bal  copy_page
    nop
    addiu $17, $17, RESULT_BYTES
    store $17, RESULT, $16
    load $8, CASE, $16
    addiu $8, $8, CASE_BYTES
    store $8, CASE, $16
    load $8, SLOT, $16
    addiu $8, $8, SLOT_BYTES
    store $8, SLOT, $16
    load $8, LEFT, $16
    addiu $8, $8, -1
    bnez $8, run_case
    store $8, LEFT, $16

    li   $16, OUTPUT
    subu $17, $17, $16
1:  li   $4, 1
    move $5, $16
    move $6, $17
    li   $2, SYS_write
    syscall
    bnez $7, leave
    nop
    blez $2, leave
    subu $17, $17, $2
    bnez $17, 1b
    addu $16, $16, $2
    b    next_batch
    nop

# A trap ends the case: r4 is the signal, r5 its siginfo. The handler never returns to the instruction.
on_signal:
    li   $16, VARS
    store $4, HEADER, $16
    load $8, SI_ADDRESS, $5
    store $8, HEADER + 8, $16
    b    finish_case
    nop

# Reads exactly r17 bytes to r16; the end of the input ends the program.
read_all:
    move $20, $31
1:  li   $4, 0
    move $5, $16
    move $6, $17
    li   $2, SYS_read
    syscall
    bnez $7, leave
    nop
    blez $2, leave
    subu $17, $17, $2
    bnez $17, 1b
    addu $16, $16, $2
    jr   $20
    nop

leave:
    li   $4, 0
    li   $2, SYS_exit
    syscall

# Copies r6 units from r4 to r5, each turned around on a big-endian machine.
turn:
    li   $8, VARS
    lbu  $8, ORDER($8)
    li   $9, UNIT - 1
    beqz $8, 1f
    nop
    li   $9, 0
1:  li   $10, 0
2:  addu $11, $4, $10
    lbu  $11, 0($11)
    xor  $12, $10, $9
    addu $12, $5, $12
    sb   $11, 0($12)
    addiu $10, $10, 1
    li   $11, UNIT
    bne  $10, $11, 2b
    nop
    addiu $4, $4, UNIT
    addiu $6, $6, -1
    bnez $6, 1b
    addiu $5, $5, UNIT
    jr   $31
    nop

# Copies a page from r4 to r5.
copy_page:
    li   $6, PAGE_BYTES
1:  lw   $8, 0($4)
    lw   $9, 4($4)
    sw   $8, 0($5)
    sw   $9, 4($5)
    addiu $4, $4, 8
    addiu $6, $6, -8
    bnez $6, 1b
    addiu $5, $5, 8
    jr   $31
    nop

.org 0x1000
.rept 64
    .balign SLOT_BYTES
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
    .fill 0x80, 1, 0
# The alternate stack: address, size, flags; each of an address's size, but for the last.
    .dc.a 0x10310000
    .dc.a 0x10000
    .dc.a 0
.org 0x30a0
# The action: SIGINFO, ONSTACK, NODEFER; the handler; a mask of 128 bits. 32 bits stand before the handler, and where
# addresses have 64 as many again, to align it.
    .long 0x48000008
.if UNIT == 8
    .long 0
.endif
    .dc.a BASE + (on_signal - _start)
    .quad 0, 0
    .dc.a 0
.org 0x30e0
    .byte 4, 5, 7, 8, 10, 11, 0     # ILL TRAP EMT FPE BUS SEGV
    .balign 8
.org 0x4000
    .fill STATE_BYTES, 1, 0
