# Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
# A static program without a C library: it reads batches of cases from standard input and writes the results.
# The layout of a case, the addresses and the batch size are those of tests/src/probe; the state is that of the description
# beside it: r1 to r30, then the floating-point registers. r31 is the probe's own.

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
    li.w $a0, DATA + 0x40           # altstack
    li.w $a1, 0
    li.w $a7, SYS_sigaltstack
    syscall 0
    li.w $s0, DATA + 0x80           # signals
.Lnext_signal:
    ld.bu $a0, $s0, 0
    addi.d $s0, $s0, 1
    beqz $a0, .Lnext_batch
    li.w $a1, DATA + 0x60           # action
    li.w $a2, 0
    li.w $a3, 8
    li.w $a7, SYS_rt_sigaction
    syscall 0
    b    .Lnext_signal

.Lnext_batch:
    li.w $s0, INPUT
    li.w $s1, 8
    bl   .Lread_all
    li.w $s0, INPUT
    ld.d $s2, $s0, 0                # number of cases
    li.w $t0, CASE_BYTES
    mul.d $s1, $s2, $t0
    bl   .Lread_all

    # All code is written before any of it runs, so that the translation of a page is thrown away once a batch.
    li.w $t0, INPUT + STATE_BYTES
    li.w $t1, SLOTS + SLOT_CODE
    li.w $t4, CASE_BYTES
    move $t2, $s2
.Lcopy_code:
    ld.d $a0, $t0, 0
    ld.d $a1, $t0, 8
    ld.d $a2, $t0, 16
    ld.d $a3, $t0, 24
    st.d $a0, $t1, 0
    st.d $a1, $t1, 8
    st.d $a2, $t1, 16
    st.d $a3, $t1, 24
    add.d $t0, $t0, $t4
    addi.d $t1, $t1, SLOT_BYTES
    addi.d $t2, $t2, -1
    bnez $t2, .Lcopy_code
    ibar 0

    li.w $t0, DATA
    st.d $s2, $t0, 0
    li.w $t1, INPUT
    st.d $t1, $t0, 8
    li.w $t1, OUTPUT
    st.d $t1, $t0, 16
    li.w $t1, SLOTS
    st.d $t1, $t0, 24

.Lrun_case:
    li.w $t0, CASE
    ld.d $s0, $t0, 0
    li.w $t0, STATE_BYTES + CODE_BYTES
    add.d $a0, $s0, $t0
    li.w $a1, SCRATCH
    bl   .Lcopy_page
    li.w $t0, CASE
    ld.d $s8, $t0, 0
    movgr2fcsr $fcsr0, $zero
    .irp n, 0,1,2,3,4,5,6,7
    movgr2cf $fcc\n, $zero
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld.d $f\n, $s8, FLOATS + 8 * \n
    .endr
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    ld.d $r\n, $s8, 8 * (\n - 1)
    .endr
    li.w $s8, SLOT
    ld.d $s8, $s8, 0
    jr   $s8

# Here every slot ends.
.Lsave:
    li.w $s8, RESULT
    ld.d $s8, $s8, 0
    addi.d $s8, $s8, 16
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    st.d $r\n, $s8, 8 * (\n - 1)
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fst.d $f\n, $s8, FLOATS + 8 * \n
    .endr
    st.d $zero, $s8, -16            # no signal
    st.d $zero, $s8, -8

.Lfinish_case:
    li.w $sp, STACK
    li.w $t0, RESULT
    ld.d $t1, $t0, 0
    li.w $t2, 16 + STATE_BYTES
    add.d $a1, $t1, $t2
    li.w $a0, SCRATCH
    bl   .Lcopy_page
    li.w $t0, DATA
    ld.d $t1, $t0, 0
    ld.d $t2, $t0, 8
    ld.d $t3, $t0, 16
    ld.d $t4, $t0, 24
    li.w $t5, CASE_BYTES
    add.d $t2, $t2, $t5
    li.w $t5, RESULT_BYTES
    add.d $t3, $t3, $t5
    addi.d $t4, $t4, SLOT_BYTES
    addi.d $t1, $t1, -1
    st.d $t1, $t0, 0
    st.d $t2, $t0, 8
    st.d $t3, $t0, 16
    st.d $t4, $t0, 24
    beqz $t1, .Lwrite
    b    .Lrun_case

.Lwrite:
    li.w $s0, OUTPUT
    sub.d $s1, $t3, $s0
.Lwrite_more:
    li.w $a0, 1
    move $a1, $s0
    move $a2, $s1
    li.w $a7, SYS_write
    syscall 0
    bge  $zero, $a0, .Lleave
    add.d $s0, $s0, $a0
    sub.d $s1, $s1, $a0
    bnez $s1, .Lwrite_more
    b    .Lnext_batch

# Reads exactly s1 bytes to s0; the end of the input ends the program.
.Lread_all:
    li.w $a0, 0
    move $a1, $s0
    move $a2, $s1
    li.w $a7, SYS_read
    syscall 0
    bge  $zero, $a0, .Lleave
    add.d $s0, $s0, $a0
    sub.d $s1, $s1, $a0
    bnez $s1, .Lread_all
    ret

.Lleave:
    li.w $a0, 0
    li.w $a7, SYS_exit
    syscall 0

# Copies a page from a0 to a1.
.Lcopy_page:
    li.w $a2, PAGE_BYTES
.Lcopy_words:
    ld.d $a3, $a0, 0
    ld.d $a4, $a0, 8
    st.d $a3, $a1, 0
    st.d $a4, $a1, 8
    addi.d $a0, $a0, 16
    addi.d $a1, $a1, 16
    addi.d $a2, $a2, -16
    bnez $a2, .Lcopy_words
    ret

# A trap ends the case: a0 is the signal, a1 its siginfo. The handler never returns to the instruction.
.org 0x0f00
on_signal:
    li.w $s8, RESULT
    ld.d $s8, $s8, 0
    ld.d $t0, $a1, 16
    st.d $a0, $s8, 0
    st.d $t0, $s8, 8
    b    .Lfinish_case

.org 0x1000
.rept 64
    .balign SLOT_BYTES
    nop
    nop
    nop
    nop
    .fill CODE_BYTES / 4, 4, 0x03400000
    b    .Lsave
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
