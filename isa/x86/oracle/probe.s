# Runs single instructions on given states, for the tests that compare their meaning with an oracle's.
# A static program without a C library: it reads batches of cases from standard input and writes the results.
# The layout of a case, the addresses and the batch size are those of tests/src/probe; the state is that of the description beside it.
.intel_syntax noprefix

.equ BASE,    0x10000000
.equ INPUT,   0x10100000
.equ OUTPUT,  0x10200000
.equ STACK,   0x10300000
.equ ALTSTACK,0x10310000
.equ SCRATCH, 0x20000000

.equ STATE_BYTES,  400
.equ CODE_BYTES,   32
.equ PAGE_BYTES,   4096
.equ CASE_BYTES,   STATE_BYTES + CODE_BYTES + PAGE_BYTES
.equ RESULT_BYTES, 16 + STATE_BYTES + PAGE_BYTES
.equ SLOT_BYTES,   64
.equ SLOT_CODE,    16

.equ AT_EFLAGS, 128
.equ AT_MXCSR,  136
.equ AT_XMM,    144

# Status flags and the direction flag: a case must not single-step or trap on alignment.
.equ FLAGS_OF_A_CASE, 0xcd5

.equ LEFT,           BASE + 0x3000
.equ CURRENT_CASE,   BASE + 0x3008
.equ CURRENT_RESULT, BASE + 0x3010
.equ CURRENT_SLOT,   BASE + 0x3018
.equ SAVED_RBX,      BASE + 0x3020

.equ SYS_read, 0
.equ SYS_write, 1
.equ SYS_rt_sigaction, 13
.equ SYS_exit, 60
.equ SYS_sigaltstack, 131

.text
.globl _start
_start:
    lea  rdi, [rip + altstack]
    xor  esi, esi
    mov  eax, SYS_sigaltstack
    syscall
    lea  rbx, [rip + signals]
1:  movzx edi, byte ptr [rbx]
    inc  rbx
    test edi, edi
    jz   next_batch
    lea  rsi, [rip + action]
    xor  edx, edx
    mov  r10d, 8
    mov  eax, SYS_rt_sigaction
    syscall
    jmp  1b

next_batch:
    mov  esp, STACK
    mov  ebx, INPUT
    mov  ebp, 8
    call read_all
    mov  r12, [INPUT]               # number of cases
    mov  ebx, INPUT
    imul rbp, r12, CASE_BYTES
    call read_all

    # All code is written before any of it runs, so that an emulator throws the translation of a page away once a batch.
    mov  esi, INPUT + STATE_BYTES
    mov  edi, BASE + 0x1000 + SLOT_CODE
    mov  rcx, r12
1:  movups xmm0, [rsi]
    movups xmm1, [rsi + 16]
    movups [rdi], xmm0
    movups [rdi + 16], xmm1
    add  rsi, CASE_BYTES
    add  rdi, SLOT_BYTES
    dec  rcx
    jnz  1b

    mov  [LEFT], r12
    mov  qword ptr [CURRENT_CASE], INPUT
    mov  qword ptr [CURRENT_RESULT], OUTPUT
    mov  qword ptr [CURRENT_SLOT], BASE + 0x1000 + SLOT_CODE

run_case:
    mov  rbx, [CURRENT_CASE]
    lea  rsi, [rbx + STATE_BYTES + CODE_BYTES]
    mov  edi, SCRATCH
    mov  ecx, PAGE_BYTES / 8
    rep  movsq
    ldmxcsr [rbx + AT_MXCSR]
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    movups xmm\n, [rbx + AT_XMM + 16 * \n]
    .endr
    mov  rax, [rbx + AT_EFLAGS]
    and  eax, FLAGS_OF_A_CASE
    push rax
    popfq
    mov  rax, [rbx]
    mov  rcx, [rbx + 16]
    mov  rdx, [rbx + 24]
    mov  rsi, [rbx + 32]
    mov  rdi, [rbx + 40]
    mov  rbp, [rbx + 48]
    mov  rsp, [rbx + 56]
    .irp n, 8,9,10,11,12,13,14,15
    mov  r\n, [rbx + 8 * \n]
    .endr
    mov  rbx, [rbx + 8]
    jmp  qword ptr [CURRENT_SLOT]

# Here every slot ends. Nothing before pushfq changes a flag.
save:
    mov  [SAVED_RBX], rbx
    mov  rbx, [CURRENT_RESULT]
    mov  [rbx + 16], rax
    mov  rax, [SAVED_RBX]
    mov  [rbx + 16 + 8], rax
    mov  [rbx + 16 + 16], rcx
    mov  [rbx + 16 + 24], rdx
    mov  [rbx + 16 + 32], rsi
    mov  [rbx + 16 + 40], rdi
    mov  [rbx + 16 + 48], rbp
    mov  [rbx + 16 + 56], rsp
    .irp n, 8,9,10,11,12,13,14,15
    mov  [rbx + 16 + 8 * \n], r\n
    .endr
    mov  esp, STACK
    pushfq
    cld
    pop  rax
    and  eax, FLAGS_OF_A_CASE
    mov  [rbx + 16 + AT_EFLAGS], rax
    mov  qword ptr [rbx + 16 + AT_MXCSR], 0
    stmxcsr [rbx + 16 + AT_MXCSR]
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    movups [rbx + 16 + AT_XMM + 16 * \n], xmm\n
    .endr
    mov  qword ptr [rbx], 0         # no signal
    mov  qword ptr [rbx + 8], 0

finish_case:
    cld
    mov  esp, STACK
    mov  rdi, [CURRENT_RESULT]
    add  rdi, 16 + STATE_BYTES
    mov  esi, SCRATCH
    mov  ecx, PAGE_BYTES / 8
    rep  movsq
    mov  [CURRENT_RESULT], rdi
    add  qword ptr [CURRENT_CASE], CASE_BYTES
    add  qword ptr [CURRENT_SLOT], SLOT_BYTES
    dec  qword ptr [LEFT]
    jnz  run_case

    mov  ebx, OUTPUT
    mov  rbp, rdi
    sub  rbp, rbx
1:  mov  edi, 1
    mov  rsi, rbx
    mov  rdx, rbp
    mov  eax, SYS_write
    syscall
    test rax, rax
    jle  leave_program
    add  rbx, rax
    sub  rbp, rax
    jnz  1b
    jmp  next_batch

# A trap ends the case: rdi is the signal, rsi its siginfo. The handler never returns to the instruction.
on_signal:
    mov  rbx, [CURRENT_RESULT]
    mov  [rbx], rdi
    mov  rax, [rsi + 16]
    mov  [rbx + 8], rax
    jmp  finish_case

# Reads exactly rbp bytes to rbx; the end of the input ends the program.
read_all:
    xor  edi, edi
    mov  rsi, rbx
    mov  rdx, rbp
    mov  eax, SYS_read
    syscall
    test rax, rax
    jle  leave_program
    add  rbx, rax
    sub  rbp, rax
    jnz  read_all
    ret

leave_program:
    mov  rdi, rax
    mov  eax, SYS_exit
    syscall

signals:
    .byte 4, 5, 7, 8, 11, 0         # ILL TRAP BUS FPE SEGV
    .balign 16
action:
    .quad BASE + (on_signal - _start)
    .quad 0x4c000004                # SIGINFO, ONSTACK, NODEFER, RESTORER
    .quad BASE + (leave_program - _start)
    .quad 0
altstack:
    .quad ALTSTACK
    .quad 0
    .quad 0x10000

.org 0x1000
.rept 64
    .balign SLOT_BYTES
    .fill SLOT_CODE + CODE_BYTES, 1, 0x90
    jmp  save
.endr

# The variables at LEFT and after: written for every case, so kept off the pages that hold code.
.org 0x3000
.fill 64, 1, 0
