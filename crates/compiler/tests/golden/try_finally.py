def f(x):
    try:
        return x.a
    except ValueError as e:
        print(e)
    finally:
        done()
