# Hexadecimal, base 64, uuencode, quoted-printable.
import base64
import binascii

def t(*fs):
    for f in fs:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__module__, type(e).__name__, e)


t(
    lambda: binascii.unhexlify('a'),
    lambda: binascii.unhexlify('zz'),
    lambda: binascii.hexlify(b'abc',':',-2),
    lambda: binascii.hexlify('a'),
    lambda: binascii.a2b_base64('YQ'),
    lambda: binascii.a2b_base64('YQ=='),
    lambda: binascii.a2b_base64('Y'),
    lambda: binascii.a2b_base64(b'Y\nQ=='),
    lambda: binascii.a2b_base64('YQ==x',strict_mode=True),
    lambda: binascii.a2b_base64('=YQ==',strict_mode=True),
    lambda: binascii.a2b_base64('Y@Q==',strict_mode=True),
    lambda: binascii.a2b_base64('Y=Q==',strict_mode=True),
    lambda: binascii.a2b_base64('YQ=',strict_mode=True),
    lambda: binascii.a2b_base64('YWJj=',strict_mode=True),
    lambda: binascii.a2b_base64('YWJj=='),
    lambda: binascii.a2b_base64('YQ==YQ=='),
    lambda: binascii.b2a_base64(b'abc'),
    lambda: binascii.b2a_base64(b'ab',newline=False),
    lambda: binascii.crc32(b'hello'),
    lambda: binascii.crc32(b'hello',-1),
    lambda: binascii.crc_hqx(b'hello',0),
    lambda: binascii.a2b_uu(b'#86)C\n'),
    lambda: binascii.b2a_uu(b'abc'),
    lambda: binascii.b2a_uu(b'abc',backtick=True),
    lambda: binascii.b2a_uu(b''),
    lambda: binascii.b2a_uu(b'a'*46),
    lambda: binascii.a2b_uu(b'!\x7f'),
    lambda: binascii.a2b_uu(b''),
    lambda: binascii.a2b_qp(b'a=3Db=\nc'),
    lambda: binascii.b2a_qp(b'a=b \n\xff'+b'x'*90),
    lambda: binascii.a2b_qp(b'a_b',header=True),
    lambda: binascii.b2a_qp(b'a b',header=True),
    lambda: binascii.b2a_qp(b'a \tb\t',quotetabs=True),
    lambda: binascii.a2b_base64('é'),
    lambda: binascii.a2b_base64(3),
    lambda: binascii.hexlify(b'abcd','ab'),
    lambda: binascii.hexlify(b'abcd',3),
)
data = bytes(range(256))
for f, g in [(base64.b64encode, base64.b64decode), (base64.b32encode, base64.b32decode), (base64.b85encode, base64.b85decode),
             (base64.a85encode, base64.a85decode), (binascii.hexlify, binascii.unhexlify)]:
    print(g(f(data)) == data, f(b"hello"))
print(binascii.a2b_qp(binascii.b2a_qp(data)) == data, binascii.a2b_base64(bytearray(b"YWJj")))
