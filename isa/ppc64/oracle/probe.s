# Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
# A static program without a C library, of either byte order: it reads batches of cases from standard input and writes the
# results. Everything but memory and code has its least significant byte first, as the tests make it. The layout of a case, the addresses and the batch size are those of tests/src/probe; the state is that of the
# description beside it. LR is not part of the state: it takes the case in and out of its slot.

.equ BASE,    0x10000000
.equ VARS,    0x10003000
.equ INPUT,   0x10100000
.equ OUTPUT,  0x10200000
.equ STACK,   0x10300000
.equ SCRATCH, 0x20000000
.equ SLOTS,   0x10001010

.equ STATE_BYTES,  1312
.equ CODE_BYTES,   32
.equ PAGE_BYTES,   4096
.equ CASE_BYTES,   STATE_BYTES + CODE_BYTES + PAGE_BYTES
.equ RESULT_BYTES, 16 + STATE_BYTES + PAGE_BYTES

.equ AT_CR,  256
.equ AT_XER, 264
.equ AT_CTR, 272
.equ AT_F,   280
.equ AT_VSH, 536
.equ AT_VR,  800

.equ LEFT,    0
.equ CASE,    8
.equ RESULT,  16
.equ SLOT,    24
.equ ACTION,  64
.equ ALT,     96
.equ SIGNALS, 128
.equ ONE,     136

.equ SYS_exit, 1
.equ SYS_read, 3
.equ SYS_write, 4
.equ SYS_rt_sigaction, 173
.equ SYS_sigaltstack, 185

.macro address reg, value
    lis  \reg, (\value) >> 16
    ori  \reg, \reg, (\value) & 0xffff
.endm

.abiversion 2                      # the entry is code, not the address of a descriptor
.text
.globl _start
_start:
    address 20, VARS
    addi 3, 20, ALT
    li   4, 0
    li   0, SYS_sigaltstack
    sc
    addi 19, 20, SIGNALS
1:  lbz  3, 0(19)
    addi 19, 19, 1
    cmpdi 3, 0
    beq  next_batch
    addi 4, 20, ACTION
    li   5, 0
    li   6, 8
    li   0, SYS_rt_sigaction
    sc
    b    1b

next_batch:
    address 20, VARS
    address 21, INPUT
    li   22, 8
    bl   read_all
    address 21, INPUT
    ld   23, 0(21)
    lbz  3, ONE(20)
    cmpdi 3, 1
    beq  1f
    ldbrx 23, 0, 21
1:  std  23, LEFT(20)
    mulli 22, 23, CASE_BYTES
    bl   read_all

# All code is written before any of it runs, so that the translation of a page is thrown away once a batch.
    address 3, INPUT + STATE_BYTES
    address 4, SLOTS
    mtctr 23
1:  ld   5, 0(3)
    ld   6, 8(3)
    ld   7, 16(3)
    ld   8, 24(3)
    std  5, 0(4)
    std  6, 8(4)
    std  7, 16(4)
    std  8, 24(4)
    addi 3, 3, CASE_BYTES
    addi 4, 4, 64
    bdnz 1b
    sync
    isync
    address 3, INPUT
    std  3, CASE(20)
    address 3, OUTPUT
    std  3, RESULT(20)
    address 3, SLOTS
    std  3, SLOT(20)

run_case:
    address 20, VARS
    ld   31, CASE(20)
    addi 3, 31, STATE_BYTES + CODE_BYTES
    address 4, SCRATCH
    bl   copy_page
    mr   3, 31
    bl   turn_state
    ld   0, SLOT(20)
    mtlr 0
    ld   0, AT_CR(31)
    mtcrf 255, 0
    ld   0, AT_XER(31)
    mtxer 0
    ld   0, AT_CTR(31)
    mtctr 0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    lfd  \n, AT_F + 8 * \n(31)
    addi 4, 31, AT_VSH + 8 * \n
    lxsdx 32, 0, 4
    xxpermdi \n, \n, 32, 0
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    addi 4, 31, AT_VR + 16 * \n
    lvx  \n, 0, 4
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    ld   \n, 8 * \n(31)
    .endr
    ld   31, 8 * 31(31)
    blr

# Here every slot ends.
save:
    mtlr 31
    address 31, VARS
    ld   31, RESULT(31)
    addi 31, 31, 16
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    std  \n, 8 * \n(31)
    .endr
    mflr 0
    std  0, 8 * 31(31)
    mfcr 0
    std  0, AT_CR(31)
    mfxer 0
    std  0, AT_XER(31)
    mfctr 0
    std  0, AT_CTR(31)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    stfd \n, AT_F + 8 * \n(31)
    xxpermdi \n, \n, \n, 2
    stfd \n, AT_VSH + 8 * \n(31)
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    addi 4, 31, AT_VR + 16 * \n
    stvx \n, 0, 4
    .endr
    li   0, 0
    std  0, -16(31)                 # no signal
    std  0, -8(31)
    address 20, VARS
    mr   3, 31
    bl   turn_state

finish_case:
    address 20, VARS
    address 1, STACK
    ld   4, RESULT(20)
    addi 4, 4, 16 + STATE_BYTES
    address 3, SCRATCH
    bl   copy_page
    ld   3, CASE(20)
    addi 3, 3, CASE_BYTES
    std  3, CASE(20)
    ld   24, RESULT(20)
    addi 24, 24, RESULT_BYTES
    std  24, RESULT(20)
    ld   3, SLOT(20)
    addi 3, 3, 64
    std  3, SLOT(20)
    ld   3, LEFT(20)
    addi 3, 3, -1
    std  3, LEFT(20)
    cmpdi 3, 0
    bne  run_case

    address 21, OUTPUT
    subf 22, 21, 24
1:  li   3, 1
    mr   4, 21
    mr   5, 22
    li   0, SYS_write
    sc
    bso  leave
    cmpdi 3, 0
    ble  leave
    add  21, 21, 3
    subf. 22, 3, 22
    bne  1b
    b    next_batch

# A trap ends the case: r3 is the signal, r4 its siginfo. The handler never returns to the instruction.
on_signal:
    address 20, VARS
    ld   5, RESULT(20)
    ld   6, 16(4)
    lbz  7, ONE(20)
    cmpdi 7, 1
    beq  1f
    stdbrx 3, 0, 5
    addi 5, 5, 8
    stdbrx 6, 0, 5
    b    finish_case
1:  std  3, 0(5)
    std  6, 8(5)
    b    finish_case

# Reads exactly r22 bytes to r21; the end of the input ends the program.
read_all:
    li   3, 0
    mr   4, 21
    mr   5, 22
    li   0, SYS_read
    sc
    bso  leave
    cmpdi 3, 0
    ble  leave
    add  21, 21, 3
    subf. 22, 3, 22
    bne  read_all
    blr

leave:
    li   3, 0
    li   0, SYS_exit
    sc

# Where the machine has its most significant byte first, turns each register of the state at r3 round.
turn_state:
    lbz  4, ONE(20)
    cmpdi 4, 1
    beqlr
    li   4, AT_VR / 8
    mtctr 4
1:  ldbrx 5, 0, 3
    std  5, 0(3)
    addi 3, 3, 8
    bdnz 1b
    li   4, 32
    mtctr 4
    li   7, 8
1:  ldbrx 5, 0, 3
    ldbrx 6, 7, 3
    std  6, 0(3)
    std  5, 8(3)
    addi 3, 3, 16
    bdnz 1b
    blr

# Copies the page at r3 to r4.
copy_page:
    li   5, PAGE_BYTES / 8
    mtctr 5
    addi 3, 3, -8
    addi 4, 4, -8
1:  ldu  5, 8(3)
    stdu 5, 8(4)
    bdnz 1b
    blr

.org 0x1000
.rept 64
    .balign 64
    nop
    nop
    nop
    nop
    nop
    nop
    nop
    nop
    nop
    nop
    nop
    nop
    b    save
.endr

# Written for every case, so kept off the pages that hold code.
.org 0x3000
    .quad 0, 0, 0, 0
.org 0x3040
    .quad BASE + (on_signal - _start)
    .quad 0x4c000004                # SIGINFO, ONSTACK, NODEFER, RESTORER
    .quad BASE + (leave - _start)
    .quad 0
.org 0x3060
    .quad 0x10310000
    .quad 0
    .quad 0x10000
.org 0x3080
    .byte 4, 5, 7, 8, 11, 0         # ILL TRAP BUS FPE SEGV
    .balign 8
    .quad 1                         # whose first byte tells the byte order
