CREATE TABLE pedido (id int);
INSERT INTO pedido VALUES (1);
