#include "textflag.h"

// func call(stackArgsType, f, stackArgs unsafe.Pointer, stackArgsSize, stackRetOffset, frameSize uint32, regArgs unsafe.Pointer)
TEXT ·call(SB),NOSPLIT,$0-48
	JMP	runtime·reflectcall(SB)

// func empty()
TEXT ·empty(SB),NOSPLIT,$0-0
	RET

// func products(n int64) int64: a chain of 16 products for each of n rounds. A chain of sums is no clock: some cores fold it.
TEXT ·products(SB),NOSPLIT,$0-16
	MOVQ	n+0(FP), CX
	MOVQ	$3, AX
again:
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	IMULQ	AX, AX
	DECQ	CX
	JNE	again
	MOVQ	AX, ret+8(FP)
	RET
