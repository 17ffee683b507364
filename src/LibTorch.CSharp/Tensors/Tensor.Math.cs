using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor abs() => Aten.abs.Call(this);

        public Tensor bitwise_and(Tensor other) => Aten.bitwise_and.Call(this, other);

        public Tensor bitwise_and_(Tensor other) => Aten.bitwise_and_.CallInPlace(this, other);

        public Tensor bitwise_not() => Aten.bitwise_not.Call(this);

        public Tensor bitwise_right_shift(Tensor other) =>
            Aten.bitwise_right_shift.Call(this, other);

        public Tensor bitwise_xor_(Tensor other) => Aten.bitwise_xor_.CallInPlace(this, other);

        public Tensor cos_() => Aten.cos_.CallInPlace(this);

        public Tensor exp() => Aten.exp.Call(this);

        public Tensor expm1() => Aten.expm1.Call(this);

        public Tensor isfinite() => Aten.isfinite.Call(this);

        public Tensor log() => Aten.log.Call(this);

        public Tensor log_() => Aten.log_.CallInPlace(this);

        public Tensor logical_and(Tensor other) => Aten.logical_and.Call(this, other);

        public Tensor logical_not() => Aten.logical_not.Call(this);

        public Tensor masked_fill_(Tensor mask, Scalar value) =>
            Aten.masked_fill_.CallInPlace(this, mask, value);

        public Tensor neg() => Aten.neg.Call(this);

        public Tensor sqrt() => Aten.sqrt.Call(this);

        public Tensor sqrt_() => Aten.sqrt_.CallInPlace(this);

        public Tensor tanh() => Aten.tanh.Call(this);

        public Tensor sigmoid() => Aten.sigmoid.Call(this);

        public Tensor gelu() => Aten.gelu.Call(this);

        public Tensor all() => Aten.all.Call(this);

        public Tensor any() => Aten.any.Call(this);

        public Tensor max() => Aten.max.Call(this);

        public Tensor min() => Aten.min.Call(this);

        public Tensor mean() => Aten.mean.Call(this);

        public Tensor add(Tensor target) => Aten.add.Call(this, target);

        public Tensor add(Scalar scalar) => Aten.add_scalar.Call(this, scalar);

        public Tensor add_(Tensor target) => Aten.add_.CallInPlace(this, target);

        public Tensor add_(Scalar scalar) => Aten.add_scalar_.CallInPlace(this, scalar);

        public Tensor sub(Tensor target) => Aten.sub.Call(this, target);

        public Tensor sub(Scalar scalar) => Aten.sub_scalar.Call(this, scalar);

        public Tensor mul(Tensor target) => Aten.mul.Call(this, target);

        public Tensor mul(Scalar scalar) => Aten.mul_scalar.Call(this, scalar);

        public Tensor mul_(Tensor target) => Aten.mul_.CallInPlace(this, target);

        public Tensor mul_(Scalar scalar) => Aten.mul_scalar_.CallInPlace(this, scalar);

        public Tensor div(Tensor target) => Aten.div.Call(this, target);

        public Tensor div_(Tensor target) => Aten.div_.CallInPlace(this, target);

        public Tensor div(Scalar scalar) => Aten.div_scalar.Call(this, scalar);

        public Tensor floor_divide(Tensor target) => Aten.floor_divide.Call(this, target);

        public Tensor floor_divide(Scalar scalar) => Aten.floor_divide_scalar.Call(this, scalar);

        public Tensor add(Tensor target, Scalar alpha) => Aten.add.Call(this, target, alpha);

        public Tensor add_(Tensor target, Scalar alpha) =>
            Aten.add_.CallInPlace(this, target, alpha);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Aten.addcmul_.CallInPlace(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Aten.addcdiv_.CallInPlace(this, tensor1, tensor2, value);

        public Tensor eq(Tensor target) => Aten.eq.Call(this, target);

        public Tensor eq(Scalar target) => Aten.eq_scalar.Call(this, target);

        public Tensor lt(Tensor target) => Aten.lt.Call(this, target);

        public Tensor lt(Scalar target) => Aten.lt_scalar.Call(this, target);

        public Tensor le(Tensor target) => Aten.le.Call(this, target);

        public Tensor le(Scalar target) => Aten.le_scalar.Call(this, target);

        public Tensor gt(Tensor target) => Aten.gt.Call(this, target);

        public Tensor gt(Scalar target) => Aten.gt_scalar.Call(this, target);

        public Tensor ge(Tensor target) => Aten.ge.Call(this, target);

        public Tensor ge(Scalar target) => Aten.ge_scalar.Call(this, target);

        public Tensor matmul(Tensor target) => Aten.matmul.Call(this, target);

        public Tensor dot(Tensor target) => Aten.dot.Call(this, target);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) =>
            Aten.clamp.Call(this, min, max);

        public Tensor clamp_min(Scalar min) => clamp(min);

        public Tensor pow(Scalar exponent) => Aten.pow.Call(this, exponent);

        public Tensor norm(float p = 2) => Aten.norm.Call(this, (Scalar)p);

        public Tensor sum(ScalarType? type = null) => Aten.sum.Call(this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            sum([dim], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Aten.sum_dim.Call(this, dim, keepdim, type);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Aten.mean_dim.Call(this, dimensions, keepdim, type);

        public Tensor amax(long[] dims, bool keepdim = false) =>
            Aten.amax.Call(this, dims, keepdim);

        public Tensor amin(long[] dims, bool keepdim = false) =>
            Aten.amin.Call(this, dims, keepdim);

        public Tensor cumsum(long dim, ScalarType? type = null) =>
            Aten.cumsum.Call(this, dim, type);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) =>
            Aten.max_dim.CallPair(this, dim, keepdim);

        public (Tensor Values, Tensor Indices) sort(
            long dim = -1,
            bool descending = false,
            bool stable = false
        ) => Aten.sort.CallPair(this, stable, dim, descending);

        public Tensor softmax(long dim, ScalarType? dtype = null) =>
            Aten.softmax.Call(this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) =>
            Aten.log_softmax.Call(this, dim, dtype);

        public Tensor where(Tensor condition, Tensor y) => Aten.where.Call(condition, this, y);
    }
}
