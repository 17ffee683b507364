using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor abs() => Aten.abs.Call(this);

        public Tensor exp() => Aten.exp.Call(this);

        public Tensor isfinite() => Aten.isfinite.Call(this);

        public Tensor isnan() => Aten.isnan.Call(this);

        public Tensor log() => Aten.log.Call(this);

        public Tensor logical_not() => Aten.logical_not.Call(this);

        public Tensor neg() => Aten.neg.Call(this);

        public Tensor relu() => Aten.relu.Call(this);

        public Tensor rsqrt() => Aten.rsqrt.Call(this);

        public Tensor sigmoid() => Aten.sigmoid.Call(this);

        public Tensor sign() => Aten.sign.Call(this);

        public Tensor sqrt() => Aten.sqrt.Call(this);

        public Tensor tanh() => Aten.tanh.Call(this);

        public Tensor gelu() => Aten.gelu.Call(this);

        public Tensor all() => Aten.all.Call(this);

        public Tensor any() => Aten.any.Call(this);

        public Tensor max() => Aten.max.Call(this);

        public Tensor min() => Aten.min.Call(this);

        public Tensor mean() => Aten.mean.Call(this);

        public Tensor argmax() => Aten.argmax.Call(this);

        public Tensor add(Tensor target) => Aten.add.Call(this, target);

        public Tensor add(Scalar scalar) => Aten.add_scalar.Call(this, scalar);

        public Tensor add_(Tensor target) => Aten.add_.CallInPlace(this, target);

        public Tensor add_(Scalar scalar) => Aten.add_scalar_.CallInPlace(this, scalar);

        public Tensor sub(Tensor target) => Aten.sub.Call(this, target);

        public Tensor sub(Scalar scalar) => Aten.sub_scalar.Call(this, scalar);

        public Tensor sub_(Tensor target) => Aten.sub_.CallInPlace(this, target);

        public Tensor sub_(Scalar scalar) => Aten.sub_scalar_.CallInPlace(this, scalar);

        public Tensor mul(Tensor target) => Aten.mul.Call(this, target);

        public Tensor mul(Scalar scalar) => Aten.mul_scalar.Call(this, scalar);

        public Tensor mul_(Tensor target) => Aten.mul_.CallInPlace(this, target);

        public Tensor mul_(Scalar scalar) => Aten.mul_scalar_.CallInPlace(this, scalar);

        public Tensor div(Tensor target) => Aten.div.Call(this, target);

        public Tensor div(Scalar scalar) => Aten.div_scalar.Call(this, scalar);

        public Tensor div_(Tensor target) => Aten.div_.CallInPlace(this, target);

        public Tensor div_(Scalar scalar) => Aten.div_scalar_.CallInPlace(this, scalar);

        public Tensor add(Tensor target, Scalar alpha) => Aten.add.Call(this, target, alpha);

        public Tensor add_(Tensor target, Scalar alpha) =>
            Aten.add_.CallInPlace(this, target, alpha);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Aten.addcmul_.CallInPlace(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Aten.addcdiv_.CallInPlace(this, tensor1, tensor2, value);

        public Tensor eq(Tensor target) => Aten.eq.Call(this, target);

        public Tensor eq(Scalar target) => Aten.eq_scalar.Call(this, target);

        public Tensor ne(Tensor target) => Aten.ne.Call(this, target);

        public Tensor ne(Scalar target) => Aten.ne_scalar.Call(this, target);

        public Tensor lt(Tensor target) => Aten.lt.Call(this, target);

        public Tensor lt(Scalar target) => Aten.lt_scalar.Call(this, target);

        public Tensor le(Tensor target) => Aten.le.Call(this, target);

        public Tensor le(Scalar target) => Aten.le_scalar.Call(this, target);

        public Tensor gt(Tensor target) => Aten.gt.Call(this, target);

        public Tensor gt(Scalar target) => Aten.gt_scalar.Call(this, target);

        public Tensor ge(Tensor target) => Aten.ge.Call(this, target);

        public Tensor ge(Scalar target) => Aten.ge_scalar.Call(this, target);

        public Tensor matmul(Tensor target) => Aten.matmul.Call(this, target);

        public Tensor mm(Tensor target) => Aten.mm.Call(this, target);

        public Tensor bmm(Tensor target) => Aten.bmm.Call(this, target);

        public Tensor dot(Tensor target) => Aten.dot.Call(this, target);

        public Tensor outer(Tensor target) => Aten.outer.Call(this, target);

        public Tensor maximum(Tensor target) => Aten.maximum.Call(this, target);

        public Tensor minimum(Tensor target) => Aten.minimum.Call(this, target);

        public Tensor logical_and(Tensor target) => Aten.logical_and.Call(this, target);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) =>
            Aten.clamp.Call(this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) =>
            Aten.clamp_.CallInPlace(this, min, max);

        public Tensor clamp_min(Scalar min) => clamp(min);

        public Tensor clamp_max(Scalar max) => clamp(null, max);

        public Tensor pow(Scalar exponent) => Aten.pow.Call(this, exponent);

        public Tensor norm(float p = 2) => Aten.norm.Call(this, (Scalar)p);

        public Tensor sum(ScalarType? type = null) => Aten.sum.Call(this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            sum([dim], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Aten.sum_dim.Call(this, dim, keepdim, type);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Aten.mean_dim.Call(this, dimensions, keepdim, type);

        public Tensor amax(params long[] dims) => Aten.amax.Call(this, dims);

        public Tensor argmax(long dim, bool keepdim = false) =>
            Aten.argmax.Call(this, dim, keepdim);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) =>
            Aten.max_dim.CallPair(this, dim, keepdim);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false) =>
            Aten.sort.CallPair(this, dim, descending);

        public Tensor std(bool unbiased = true) => Aten.std.Call(this, unbiased);

        public Tensor var(bool unbiased = true) => Aten.var.Call(this, unbiased);

        public Tensor cumsum(long dim, ScalarType? type = null) =>
            Aten.cumsum.Call(this, dim, type);

        public Tensor logsumexp(long dim, bool keepdim = false) =>
            Aten.logsumexp.Call(this, new[] { dim }, keepdim);

        public Tensor softmax(long dim, ScalarType? dtype = null) =>
            Aten.softmax.Call(this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) =>
            Aten.log_softmax.Call(this, dim, dtype);

        public Tensor bincount(Tensor? weights, long minlength = 0) =>
            Aten.bincount.Call(this, weights, minlength);

        public bool allclose(
            Tensor target,
            double rtol = 1e-05,
            double atol = 1e-08,
            bool equal_nan = false
        ) => Aten.allclose.CallBool(this, target, rtol, atol, equal_nan);

        public Tensor masked_fill(Tensor mask, Scalar value) =>
            Aten.masked_fill.Call(this, mask, value);

        public Tensor where(Tensor condition, Tensor y) => Aten.where.Call(condition, this, y);

        public Tensor multinomial(
            long num_samples,
            bool replacement = false,
            Generator? generator = null
        ) => Aten.multinomial.Call(this, num_samples, replacement, generator);
    }
}
