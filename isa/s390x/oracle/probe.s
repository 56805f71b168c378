# Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
# A static program without a C library: it reads batches of cases from standard input and writes the results. The layout of
# a case, the addresses and the batch size are those of tests/src/probe; the state is that of the description beside it.
# Everything in a batch has its least significant byte first, as the tests make it: it is read and written reversed.
# r15 is not part of the state: it takes the case in and out of its slot. Of pswm, only the condition code is.

.equ BASE,    0x10000000
.equ VARS,    0x10003000
.equ INPUT,   0x10100000
.equ OUTPUT,  0x10200000
.equ STACK,   0x10300000
.equ SCRATCH, 0x20000000
.equ SLOTS,   0x10001010

.equ STATE_BYTES,  256
.equ CODE_BYTES,   32
.equ PAGE_BYTES,   4096
.equ CASE_BYTES,   STATE_BYTES + CODE_BYTES + PAGE_BYTES
.equ RESULT_BYTES, 16 + STATE_BYTES + PAGE_BYTES

.equ AT_PSW, 120
.equ AT_F,   128

.equ LEFT,    0
.equ CASE,    8
.equ RESULT,  16
.equ SLOT,    24
.equ ACTION,  64
.equ ALT,     96
.equ SIGNALS, 128

.equ SYS_exit, 1
.equ SYS_read, 3
.equ SYS_write, 4
.equ SYS_rt_sigaction, 174
.equ SYS_sigaltstack, 186

.text
.globl _start
_start:
    llilf %r10, VARS
    la   %r2, ALT(%r10)
    lghi %r3, 0
    svc  SYS_sigaltstack
    la   %r9, SIGNALS(%r10)
1:  llgc %r2, 0(%r9)
    la   %r9, 1(%r9)
    ltgr %r2, %r2
    je   next_batch
    la   %r3, ACTION(%r10)
    lghi %r4, 0
    lghi %r5, 8
    svc  SYS_rt_sigaction
    j    1b

next_batch:
    llilf %r10, VARS
    llilf %r11, INPUT
    lghi %r12, 8
    brasl %r14, read_all
    llilf %r11, INPUT
    lrvg %r13, 0(%r11)
    stg  %r13, LEFT(%r10)
    lgr  %r12, %r13
    mghi %r12, CASE_BYTES
    brasl %r14, read_all

# All code is written before any of it runs, so that the translation of a page is thrown away once a batch.
    llilf %r3, INPUT + STATE_BYTES
    llilf %r4, SLOTS
1:  mvc  0(CODE_BYTES, %r4), 0(%r3)
    aghi %r3, CASE_BYTES
    aghi %r4, 64
    brctg %r13, 1b
    llilf %r3, INPUT
    stg  %r3, CASE(%r10)
    llilf %r3, OUTPUT
    stg  %r3, RESULT(%r10)
    llilf %r3, SLOTS
    stg  %r3, SLOT(%r10)

run_case:
    llilf %r10, VARS
    lg   %r14, CASE(%r10)
    lgr  %r3, %r14
    aghi %r3, STATE_BYTES + CODE_BYTES
    llilf %r4, SCRATCH
    brasl %r12, copy_page
    lg   %r15, SLOT(%r10)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    lrvg %r0, AT_F + 8 * \n(%r14)
    ldgr %f\n, %r0
    .endr
    lrvg %r0, AT_PSW(%r14)
    srlg %r0, %r0, 16                 # bits 44 and 45 to where SPM takes them
    nilh %r0, 0x3000
    nill %r0, 0
    spm  %r0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14
    lrvg %r\n, 8 * \n(%r14)
    .endr
    br   %r15

# Here every slot ends.
save:
    llilf %r15, VARS
    lg   %r15, RESULT(%r15)
    la   %r15, 16(%r15)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14
    strvg %r\n, 8 * \n(%r15)
    .endr
    lghi %r0, 0
    ipm  %r0
    nilh %r0, 0x3000
    sllg %r0, %r0, 16
    strvg %r0, AT_PSW(%r15)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    lgdr %r0, %f\n
    strvg %r0, AT_F + 8 * \n(%r15)
    .endr
    lghi %r0, 0
    aghi %r15, -16
    stg  %r0, 0(%r15)                 # no signal
    stg  %r0, 8(%r15)

finish_case:
    llilf %r10, VARS
    llilf %r15, STACK
    lg   %r9, RESULT(%r10)
    lgr  %r4, %r9
    aghi %r4, 16 + STATE_BYTES
    llilf %r3, SCRATCH
    brasl %r12, copy_page
    lg   %r3, CASE(%r10)
    aghi %r3, CASE_BYTES
    stg  %r3, CASE(%r10)
    aghi %r9, RESULT_BYTES
    stg  %r9, RESULT(%r10)
    lg   %r3, SLOT(%r10)
    aghi %r3, 64
    stg  %r3, SLOT(%r10)
    lg   %r3, LEFT(%r10)
    aghi %r3, -1
    stg  %r3, LEFT(%r10)
    jne  run_case

    llilf %r11, OUTPUT
    sgr  %r9, %r11
1:  lghi %r2, 1
    lgr  %r3, %r11
    lgr  %r4, %r9
    svc  SYS_write
    ltgr %r2, %r2
    jle  leave
    agr  %r11, %r2
    sgr  %r9, %r2
    jne  1b
    j    next_batch

# A trap ends the case: r2 is the signal, r3 its siginfo. The handler never returns to the instruction.
on_signal:
    llilf %r10, VARS
    lg   %r5, RESULT(%r10)
    llgfr %r2, %r2
    lg   %r6, 16(%r3)
    strvg %r2, 0(%r5)
    strvg %r6, 8(%r5)
    j    finish_case

# Reads exactly r12 bytes to r11; the end of the input ends the program.
read_all:
    lghi %r2, 0
    lgr  %r3, %r11
    lgr  %r4, %r12
    svc  SYS_read
    ltgr %r2, %r2
    jle  leave
    agr  %r11, %r2
    sgr  %r12, %r2
    jne  read_all
    br   %r14

leave:
    lghi %r2, 0
    svc  SYS_exit

# Copies the page at r3 to r4.
copy_page:
    lghi %r5, PAGE_BYTES / 256
1:  mvc  0(256, %r4), 0(%r3)
    la   %r3, 256(%r3)
    la   %r4, 256(%r4)
    brctg %r5, 1b
    br   %r12

.org 0x1000
.rept 64
    .balign 64
    .fill 24, 2, 0x0700
    jg   save
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
